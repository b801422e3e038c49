/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_KVP_FACTS_H
#define DAEMONS_KVP_FACTS_H

#define FACT_SIZE	256

/* What this system says about itself. Empty: it does not say. */
struct facts {
	char name[FACT_SIZE];		/* os-release NAME */
	char major[FACT_SIZE];		/* first part of VERSION_ID */
	char minor[FACT_SIZE];		/* its second part; of Debian, the point release */
	char service_pack[FACT_SIZE];	/* "5" of SUSE's "15-SP5" */
	char variant[FACT_SIZE];	/* VARIANT_ID */
	char release[FACT_SIZE];	/* kernel: "6.1.0-32-amd64" */
	char version[FACT_SIZE];	/* kernel: "6.1.0" */
	char machine[FACT_SIZE];	/* "x86_64" */
};

/* Reads them anew: a system is upgraded while it runs. */
void facts_read(struct facts *facts);

#endif
