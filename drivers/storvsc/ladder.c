// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/storvsc/ladder.h"

/* A host that breaks whatever is opened must not keep us opening. */
static enum stor_step broken_step(const struct stor_ladder_view *view,
				  const struct stor_ladder_bounds *bounds)
{
	if (!view->reopens || view->reopened_age >= bounds->soon)
		return STOR_STEP_REOPEN;
	if (view->reopens >= bounds->reopens)
		return STOR_STEP_FAIL;
	return view->reopened_age >= bounds->pause ? STOR_STEP_REOPEN : STOR_STEP_NONE;
}

enum stor_step stor_ladder_step(const struct stor_ladder_view *view,
				const struct stor_ladder_bounds *bounds)
{
	if (view->rescinded)
		return STOR_STEP_GONE;
	if (view->failed)
		return view->failed_age >= bounds->retry ? STOR_STEP_REOPEN : STOR_STEP_NONE;
	if (view->asked)
		return STOR_STEP_REOPEN;
	if (view->broken)
		return broken_step(view, bounds);
	if (view->outstanding == 0)
		return STOR_STEP_NONE;

	/* Everything older than the reset should have come back with it. */
	if (view->reset_done && view->oldest > view->reset_age)
		return view->reset_age >= bounds->grace ? STOR_STEP_REOPEN : STOR_STEP_NONE;

	if (view->silence >= bounds->silence || view->oldest >= bounds->stuck)
		return STOR_STEP_RESET;
	if (view->silence >= bounds->silence / 2 || view->oldest >= bounds->stuck / 2)
		return STOR_STEP_WARN;
	return STOR_STEP_NONE;
}
