/* SPDX-License-Identifier: Apache-2.0 */
#include "admin.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rooms.h"

#define EXIT_USAGE 2

struct command {
	const char *name;
	int words_min, words_max; /* that it wants behind its name */
	enum { OPTION_NONE, OPTION_TOP } option;
	enum gx_status (*run)(struct gx_admin *admin);
};

static const struct command commands[] = {
	{ "accounts", 0, 0, OPTION_NONE, gx_admin_accounts },
	{ "role", 2, 2, OPTION_NONE, gx_admin_role },
	{ "reset-password", 1, 1, OPTION_NONE, gx_admin_reset_password },
	{ "backup", 1, 1, OPTION_NONE, gx_admin_backup },
	{ "restore", 1, 1, OPTION_NONE, gx_admin_restore },
	{ "check", 0, 1, OPTION_NONE, gx_admin_check },
	{ "top", 0, 0, OPTION_TOP, gx_admin_top },
};

static const char usage_text[] =
	"usage: guanxi admin COMMAND [--data DIR]    (default ./data)\n"
	"\n"
	"beside a running server or without one:\n"
	"  backup FILE                 writes database, media and settings into one new file\n"
	"  check [FILE]                looks for damage in the data folder, or in a backup\n"
	"\n"
	"only beside a running server:\n"
	"  top [--once] [--json]       shows what it does, second by second; --once: one second\n"
	"\n"
	"only while no server runs on the folder (otherwise they refuse; an operator does the\n"
	"same in the web client while it runs):\n"
	"  accounts                    lists all accounts\n"
	"  role USERNAME ROLE          makes someone operator or member\n"
	"  reset-password USERNAME     prints a code with which the person sets a new password\n"
	"  restore FILE                fills the empty or missing data folder from a backup\n";

static int complain_usage(const char *what, const char *word)
{
	fprintf(stderr, "guanxi admin: %s: %s\nTry guanxi admin --help\n", what, word);
	return EXIT_USAGE;
}

static int read_arguments(int argc, char **argv, const struct command *c, struct gx_admin *admin)
{
	static const struct option names[] = {
		{ "data", required_argument, NULL, 'd' },
		{ "once", no_argument, NULL, 'o' },
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (opt == 'd')
			admin->data_dir = optarg;
		else if (opt == 'o' && c->option == OPTION_TOP)
			admin->is_once = true;
		else if (opt == 'j' && c->option == OPTION_TOP)
			admin->is_json = true;
		else if (opt == '?')
			return EXIT_USAGE; /* getopt has complained */
		else
			return complain_usage("no option of this command", argv[optind - 1]);
	}
	admin->words = argv + optind;
	admin->words_count = argc - optind;
	if (admin->words_count < c->words_min || admin->words_count > c->words_max)
		return complain_usage("wrong number of arguments for", c->name);
	return 0;
}

/* What an error says to people: its detail, or the text of its code. */
static struct gx_str explain(const struct gx_error *err)
{
	if (err->detail.len > 0)
		return err->detail;
	for (size_t i = 0; app_rooms[i] != NULL; i++)
		for (size_t k = 0; k < app_rooms[i]->codes_count; k++)
			if (strcmp(app_rooms[i]->codes[k].code, err->code) == 0)
				return gx_str_from_cstr(app_rooms[i]->codes[k].en);
	return gx_str_from_cstr(err->code);
}

static int run_command(const struct command *c, int argc, char **argv)
{
	static struct gx_admin admin;
	int exit_status;

	admin = (struct gx_admin){ .data_dir = "data" };
	gx_arena_init(&admin.arena);
	exit_status = read_arguments(argc, argv, c, &admin);
	if (exit_status == 0 && c->run(&admin) != GX_OK) {
		struct gx_str why = explain(&admin.err);

		fprintf(stderr, "guanxi admin: %.*s\n", GX_STR_ARG(why));
		exit_status = EXIT_FAILURE;
	}
	gx_arena_deinit(&admin.arena);
	return exit_status;
}

int gx_admin_run(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	gx_log_setup(GX_LOG_WARN, false, "admin");
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
		(void)fputs(usage_text, stdout);
		return EXIT_SUCCESS;
	}
	if (name[0] == '\0') {
		(void)fputs(usage_text, stderr);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < GX_COUNT(commands); i++)
		if (strcmp(name, commands[i].name) == 0)
			return run_command(&commands[i], argc - 1, argv + 1);
	return complain_usage("unknown command", name);
}
