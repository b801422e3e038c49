/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMONS_COMMON_FOLDER_H
#define DAEMONS_COMMON_FOLDER_H

/*
 * Makes the folder that a state file is to be in, where no service manager has
 * done so; the folder around that one must be there. Errors show when the file
 * is written.
 */
void folder_make_for(const char *path);

#endif
