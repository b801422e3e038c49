/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_VSP_STORSPEC_H
#define HOST_VSP_STORSPEC_H

#include "host/err.h"

struct storvsp_config;

/**
 * storspec_parse() - read what `--storage` says about the SCSI controllers
 * @text:	words with commas between them:
 *		version=4.2|5.1|6.0|6.2	the newest storage protocol they speak
 *		sub-channels=N		how many they offer
 *		max-transfer=SIZE	of one request, whole pages
 * @config:	changed where @text says something
 *
 * Return: 0, or -EINVAL and one sentence in @err that names the wrong part.
 */
int storspec_parse(const char *text, struct storvsp_config *config, struct err *err);

#endif
