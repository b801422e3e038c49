// SPDX-License-Identifier: GPL-2.0-only
#include "daemons/kvp/helper/plan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <string.h>

#include "daemons/kvp/paths.h"

static struct plan_file *add_file(struct plan *plan, const char *path)
{
	struct plan_file *file;

	if (plan->file_count >= PLAN_FILES)
		return NULL;
	file = &plan->files[plan->file_count];
	snprintf(file->path, sizeof(file->path), "%s", paths_at("%s", path));
	file->text = NULL;
	file->is_own = false;
	plan->file_count++;
	return file;
}

FILE *plan_write(struct plan *plan, const char *path, mode_t mode)
{
	struct plan_file *file = add_file(plan, path);
	static size_t size;

	if (!file)
		return NULL;
	file->rights = file_rights_own(mode);
	file->is_own = true;
	plan->stream = open_memstream(&file->text, &size);
	return plan->stream;
}

FILE *plan_edit(struct plan *plan, const char *path, mode_t mode)
{
	FILE *out = plan_write(plan, path, mode);
	struct plan_file *file = &plan->files[plan->file_count - 1];
	struct stat status;

	if (!out)
		return NULL;
	file->is_own = false;
	if (!stat(file->path, &status))
		file->rights = (struct file_rights){ status.st_mode & 07777, status.st_uid,
						     status.st_gid };
	return out;
}

int plan_written(struct plan *plan, struct err *err)
{
	int failed = !plan->stream || ferror(plan->stream);

	if (plan->stream && fclose(plan->stream))
		failed = 1;
	plan->stream = NULL;
	return failed ? err_set(err, -ENOMEM, "out of memory") : 0;
}

int plan_keep(struct plan *plan, const char *path, struct err *err)
{
	if (add_file(plan, path))
		return 0;
	return err_set(err, -E2BIG, "more than %d configuration files", PLAN_FILES);
}

void plan_run(struct plan *plan, enum plan_phase phase, bool may_fail, const char *path, ...)
{
	struct plan_command *command = &plan->commands[plan->command_count];
	unsigned int count = 1;
	va_list words;

	if (plan->command_count >= PLAN_COMMANDS)
		abort();
	plan->command_count++;
	command->phase = phase;
	command->may_fail = may_fail;
	command->words[0] = path;
	va_start(words, path);
	do {
		command->words[count] = va_arg(words, const char *);
	} while (command->words[count] && ++count < PLAN_WORDS);
	va_end(words);
	if (count == PLAN_WORDS)
		abort();
}

void plan_free(struct plan *plan)
{
	while (plan->file_count)
		free(plan->files[--plan->file_count].text);
	plan->command_count = 0;
	plan->is_trusted = false;
	plan->before[0] = '\0';
}
