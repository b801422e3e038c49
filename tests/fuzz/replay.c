// SPDX-License-Identifier: GPL-2.0-only
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

/* Runs a target over files, so that a corpus and found inputs need no clang. */
#define INPUT_MAX (1 << 20)

static unsigned int inputs;

static int run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	u8 *bytes = malloc(INPUT_MAX);
	u8 *exact;
	size_t len;

	if (!file || !bytes) {
		perror(path);
		return 1;
	}
	len = fread(bytes, 1, INPUT_MAX, file);
	fclose(file);
	exact = malloc(len ? len : 1);
	if (!exact)
		return 1;
	memcpy(exact, bytes, len);
	LLVMFuzzerTestOneInput(exact, len);
	inputs++;
	free(exact);
	free(bytes);
	return 0;
}

static int run_folder(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	int failed = 0;

	if (!folder) {
		perror(path);
		return 1;
	}
	while ((entry = readdir(folder))) {
		char name[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		failed |= run_file(name);
	}
	closedir(folder);
	return failed;
}

int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (stat(argv[i], &st)) {
			perror(argv[i]);
			return 1;
		}
		failed |= S_ISDIR(st.st_mode) ? run_folder(argv[i]) : run_file(argv[i]);
	}
	printf("%u inputs\n", inputs);
	return failed || !inputs;
}
