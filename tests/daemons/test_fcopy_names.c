// SPDX-License-Identifier: GPL-2.0-only
/* What hv_fcopy makes of names, paths and settings, before it touches anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "daemons/fcopy/place.h"

static struct err err;

static int take(const char *bytes, size_t length)
{
	char field[NAMES_FIELD_BYTES] = "", text[NAMES_FIELD_BYTES];

	memcpy(field, bytes, length);
	return names_take(field, text, &err);
}

static void unicode_is_taken_strictly(void **state)
{
	static const struct {
		const char *text;
		int ret;
	} cases[] = {
		{ "", 0 },
		{ "plain.txt", 0 },
		{ "gr\xc3\xb6\xc3\x9f" "e", 0 },
		{ "\xe6\x97\xa5\xe6\x9c\xac", 0 },
		{ "\xf0\x9f\x98\x80", 0 },
		{ "\xf4\x8f\xbf\xbf", 0 },			/* U+10FFFF */
		{ "\xc2\xa0", 0 },
		{ "\xf4\x90\x80\x80", -EILSEQ },		/* above it */
		{ "\xc0\xaf", -EILSEQ },			/* '/' in two bytes */
		{ "\xe0\x80\xaf", -EILSEQ },
		{ "\xf0\x80\x80\xaf", -EILSEQ },
		{ "\xed\xa0\x80", -EILSEQ },			/* a surrogate */
		{ "\xed\xbf\xbf", -EILSEQ },
		{ "\x80", -EILSEQ },
		{ "\xff", -EILSEQ },
		{ "a\xc3", -EILSEQ },				/* cut */
		{ "a\xe6\x97", -EILSEQ },
		{ "a\xc3z", -EILSEQ },
		{ "a\nb", -EILSEQ },
		{ "a\x7f", -EILSEQ },
		{ "\xc2\x85", -EILSEQ },			/* a control of Latin-1 */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (take(cases[i].text, strlen(cases[i].text)) != cases[i].ret)
			fail_msg("case %zu", i);
	}
}

static void what_may_be_cut_is_refused(void **state)
{
	char text[NAMES_FIELD_BYTES];
	size_t length;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (length = 250; length <= NAMES_FIELD_BYTES; length++) {
		bool is_bad = (length > 256 && length < 260) || length == NAMES_FIELD_BYTES;

		assert_int_equal(take(text, length), is_bad ? -ENAMETOOLONG : 0);
	}
}

static void a_file_has_one_component(void **state)
{
	static const char * const bad[] = { "", ".", "..", "a/b", "/", "a/" };
	char long_name[257];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(names_check_file(bad[i], &err), -EINVAL);
	assert_int_equal(names_check_file("...", &err), 0);
	memset(long_name, 'x', 256);
	long_name[256] = '\0';
	assert_int_equal(names_check_file(long_name, &err), -ENAMETOOLONG);
	assert_int_equal(names_check_file(long_name + 1, &err), 0);
}

static void paths_are_cleaned(void **state)
{
	static const struct {
		const char *path, *clean;
	} cases[] = {
		{ "/", "" }, { "///", "" }, { "/.", "" }, { "/a", "/a" }, { "/a/", "/a" },
		{ "//a//./b/.", "/a/b" }, { "/.../..a/b..", "/.../..a/b.." },
		{ "", NULL }, { "a", NULL }, { "./a", NULL }, { "/..", NULL }, { "/a/../b", NULL },
		{ "/a/..", NULL }, { "C:\\a", NULL },
	};
	char clean[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int ret = names_clean_path(cases[i].path, clean, strlen(cases[i].path) + 1, &err);

		assert_int_equal(ret, cases[i].clean ? 0 : -EINVAL);
		if (cases[i].clean)
			assert_string_equal(clean, cases[i].clean);
	}
	assert_int_equal(names_clean_path("/abc", clean, 4, &err), -ENAMETOOLONG);
}

static void set_policy(struct policy *policy, const char *text)
{
	char copy[256];

	strcpy(copy, text);
	assert_int_equal(policy_parse(policy, "test", copy, strlen(copy), &err), 0);
}

static void a_place_is_below_a_root(void **state)
{
	static const struct {
		const char *path, *root, *below;
	} cases[] = {
		{ "/srv", "/srv", "" },
		{ "/srv/", "/srv", "" },
		{ "/srv/a/b/", "/srv", "a/b" },
		{ "/srv/deep/x", "/srv/deep", "x" },
		{ "/srvx", NULL, NULL },
		{ "/sr", NULL, NULL },
		{ "/", NULL, NULL },
		{ "/etc", NULL, NULL },
		{ "/srv/../etc", NULL, NULL },
	};
	struct policy policy;
	struct place place;
	size_t i;

	(void)state;
	set_policy(&policy, "root = /srv/\nroot = /srv/./deep\n");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int ret = place_find(&place, &policy, cases[i].path, &err);

		if (!cases[i].root) {
			assert_int_not_equal(ret, 0);
			continue;
		}
		assert_int_equal(ret, 0);
		assert_string_equal(place.root, cases[i].root);
		assert_string_equal(place.path, cases[i].below);
	}
	policy_free(&policy);
	/* Everything, for those who want it so. */
	set_policy(&policy, "root = /\n");
	assert_int_equal(place_find(&place, &policy, "/etc/x", &err), 0);
	assert_string_equal(place.root, "");
	assert_string_equal(place.path, "etc/x");
	policy_free(&policy);
}

static void temporary_names_are_known(void **state)
{
	struct place place, other;

	(void)state;
	assert_int_equal(place_name_temporary(&place, &err), 0);
	assert_int_equal(place_name_temporary(&other, &err), 0);
	assert_true(place_is_temporary(place.temporary));
	assert_string_not_equal(place.temporary, other.temporary);
	assert_false(place_is_temporary(".openlis-0123456789abcde"));
	assert_false(place_is_temporary(".openlis-0123456789abcdeg"));
	assert_false(place_is_temporary(".openlis-0123456789abcdef0"));
	assert_false(place_is_temporary("passwd"));
}

static void defaults_are_as_documented(void **state)
{
	struct policy policy;

	(void)state;
	assert_int_equal(policy_read(&policy, "/nonexistent/file", &err), 0);
	assert_int_equal(policy.roots, 4);
	assert_string_equal(policy.root[0], "/home");
	assert_string_equal(policy.root[3], "/var/tmp");
	assert_int_equal(policy.mode, 0600);
	assert_int_equal(policy.folder_mode, 0755);
	assert_int_equal(policy.reserve_bytes, 0);
	assert_int_equal(policy.owner, POLICY_OWNER_FIXED);
	assert_int_equal(policy.uid, 0);
	policy_free(&policy);
}

static void settings_are_taken(void **state)
{
	struct policy policy;

	(void)state;
	set_policy(&policy, "mode = 0640\nfolder-mode = 1750\nmax-size = 3G\nreserve=17\nowner = folder\n"
		   "overwrite = deny\ncreate-path = deny\nidle-seconds = 5\n");
	assert_int_equal(policy.mode, 0640);
	assert_int_equal(policy.folder_mode, 01750);
	assert_true(policy.max_bytes == 3ull << 30);
	assert_int_equal(policy.reserve_bytes, 17);
	assert_int_equal(policy.owner, POLICY_OWNER_FOLDER);
	assert_true(policy.deny_overwrite && policy.deny_create_path);
	assert_int_equal(policy.idle_s, 5);
	policy_free(&policy);
	set_policy(&policy, "owner = daemon\n");
	assert_int_equal(policy.uid, 1);
	policy_free(&policy);
	set_policy(&policy, "owner = 12:34\n");
	assert_int_equal(policy.uid, 12);
	assert_int_equal(policy.gid, 34);
	policy_free(&policy);
}

static void bad_settings_are_refused(void **state)
{
	static const char * const bad[] = {
		"root = srv", "root = /a/../b", "root =", "mode = 4755", "folder-mode = 2755", "mode = 8", "mode = rw",
		"mode =", "max-size = 1X", "max-size = -1", "max-size = 1KK", "max-size = 9999999T",
		"owner = nobody-is-called-so", "owner = root:no-such-group", "owner =", "owner = :x",
		"owner = 4242424", "overwrite = maybe", "idle-seconds = 0", "unknown = 1", "roots",
	};
	struct policy policy;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[64];

		strcpy(text, bad[i]);
		if (policy_parse(&policy, "test", text, strlen(text), &err) != -EINVAL)
			fail_msg("\"%s\" is taken", bad[i]);
		assert_non_null(strstr(err.text, "test:1: "));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(unicode_is_taken_strictly),
		cmocka_unit_test(what_may_be_cut_is_refused),
		cmocka_unit_test(a_file_has_one_component),
		cmocka_unit_test(paths_are_cleaned),
		cmocka_unit_test(a_place_is_below_a_root),
		cmocka_unit_test(temporary_names_are_known),
		cmocka_unit_test(defaults_are_as_documented),
		cmocka_unit_test(settings_are_taken),
		cmocka_unit_test(bad_settings_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
