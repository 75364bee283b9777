/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_crowd.c - many sessions at once, most of the time still.
 *
 * A process may hold so many descriptors only, so the sessions are spread over children, each with
 * a loop of its own; the parent says what to do next through shared memory and measures.
 *   connect   all sign in; time, and the server's CPU for each
 *   rest      --hold seconds: memory of the server for each session (PSS; not the kernel's), its
 * CPU notice    with --notice: one message from the platform to everybody, until everyone has it
 *   storm     with --storm: all leave, a notice is sent meanwhile, all return at once with their
 *             cursor, and are done when they have that notice
 * Whoever is turned away (503) or cut off tries again a little later; how often is told.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ident.h"
#include "load_conn.h"
#include "load_people.h"
#include "load_stat.h"

#define CHILDREN_MAX 128u
#define PER_CHILD 19000u
#define STEP_NS (600 * LOAD_NS_PER_S)
#define TURN_NS (LOAD_NS_PER_S / 50)
#define RETRY_NS (LOAD_NS_PER_S / 5)
#define NOTICE_BYTES 40u

enum command { CONNECT, REST, LEAVE, END };

struct child {
	pid_t pid;
	atomic_uint ready_count;
	atomic_uint noticed_count;   /* have the notice of this round */
	atomic_ullong doubled_count; /* had it twice */
	atomic_ullong refused_count;
};

struct shared {
	atomic_uint command;
	atomic_uint round; /* changes with each notice */
	char notice[NOTICE_BYTES];
	char cursor[LOAD_CURSOR_BYTES];
	struct child children[CHILDREN_MAX];
};

static struct shared *shared;
static unsigned children_count;

/* ---- a child ---- */

static struct {
	struct child *self;
	unsigned parallel, round, opening, to_open_count;
	uint32_t *to_open; /* a ring of places in load_conns.list */
	unsigned first, last;
	uint64_t retry_ns;
} own;

static void to_open_push(struct load_conn *c)
{
	own.to_open[own.last++ % load_conns.count] = c->id - load_conns.first_id;
	own.to_open_count++;
}

void load_crowd_on_end(struct load_conn *c)
{
	atomic_fetch_add(&own.self->refused_count, 1);
	own.retry_ns = load_conns.now_ns + RETRY_NS;
	to_open_push(c);
}

void load_crowd_on_event(struct load_conn *c, struct gx_str event)
{
	if (memmem(event.ptr, event.len, shared->notice, strlen(shared->notice)) == NULL)
		return;
	if (c->is_joined) {
		atomic_fetch_add(&own.self->doubled_count, 1);
		return;
	}
	c->is_joined = true;
	atomic_fetch_add(&own.self->noticed_count, 1);
}

static void open_some(void)
{
	unsigned under_way = load_conns.count - own.to_open_count - load_conns.ready_count;

	if (load_conns.now_ns < own.retry_ns)
		return;
	for (; under_way < own.parallel && own.to_open_count > 0; under_way++) {
		struct load_conn *c = &load_conns.list[own.to_open[own.first++ % load_conns.count]];

		own.to_open_count--;
		load_conn_open(c);
	}
}

static void leave_all(void)
{
	own.to_open_count = own.first = own.last = 0;
	load_conns.source_shift += 256;
	for (unsigned i = 0; i < load_conns.count; i++) {
		load_conn_close(&load_conns.list[i]);
		to_open_push(&load_conns.list[i]);
	}
}

/* A new round: nobody has that notice yet. */
static void round_begin(unsigned round)
{
	own.round = round;
	for (unsigned i = 0; i < load_conns.count; i++)
		load_conns.list[i].is_joined = false;
	atomic_store(&own.self->noticed_count, 0);
}

static void child_run(unsigned index, unsigned first, unsigned count)
{
	bool has_left = false;
	unsigned command;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	own.self = &shared->children[index];
	own.parallel = load_opt.parallel / children_count + 1;
	own.to_open = gx_heap_alloc_array(count, sizeof(*own.to_open));
	load_conns_init(count, first, false);
	for (unsigned i = 0; i < count; i++) {
		load_conns.list[i].may_end = true;
		to_open_push(&load_conns.list[i]);
	}
	while ((command = atomic_load(&shared->command)) != END) {
		if (atomic_load(&shared->round) != own.round)
			round_begin(atomic_load(&shared->round));
		if (command == LEAVE && !has_left) {
			leave_all();
			memcpy(load_cursor, shared->cursor, sizeof(load_cursor));
		}
		has_left = command == LEAVE;
		if (command == CONNECT || command == REST)
			open_some();
		load_conns_turn(own.to_open_count > 0 && command == CONNECT ? TURN_NS
									    : 5 * TURN_NS);
		atomic_store(&own.self->ready_count, load_conns.ready_count);
	}
	_exit(0);
}

/* ---- the parent ---- */

static struct load_server server, generator;

static void children_start(void)
{
	unsigned n = load_opt.users, share;

	children_count = (n + PER_CHILD - 1) / PER_CHILD;
	if (children_count > CHILDREN_MAX)
		load_die("--users: at most %u", CHILDREN_MAX * PER_CHILD);
	share = (n + children_count - 1) / children_count;
	for (unsigned i = 0; i < children_count; i++) {
		unsigned first = i * share, count = n - first < share ? n - first : share;
		pid_t pid = fork();

		if (pid < 0)
			load_die("fork: %s", strerror(errno));
		if (pid == 0)
			child_run(i, first, count);
		shared->children[i].pid = pid;
	}
	load_server_find(&generator, getpid());
}

enum counter { READY, NOTICED, DOUBLED, REFUSED };

static uint64_t sum(enum counter what)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < children_count; i++) {
		struct child *c = &shared->children[i];

		n += what == READY     ? atomic_load(&c->ready_count)
		     : what == NOTICED ? atomic_load(&c->noticed_count)
		     : what == DOUBLED ? atomic_load(&c->doubled_count)
				       : atomic_load(&c->refused_count);
	}
	return n;
}

static void check_children(void)
{
	int status;
	pid_t pid = waitpid(-1, &status, WNOHANG);

	if (pid > 0)
		load_die("a process of the generator has ended");
}

/* Waits until the counter is `wanted`; the seconds since begin_ns. Progress goes to stderr. */
static double wait_for(enum counter what, uint64_t wanted, const char *word, uint64_t begin_ns)
{
	uint64_t told_ns = begin_ns, now_ns = gx_clock_mono_ns(), n;

	while ((n = sum(what)) != wanted) {
		check_children();
		if (now_ns - begin_ns > STEP_NS)
			load_die("only %llu of %llu have %s", (unsigned long long)n,
				 (unsigned long long)wanted, word);
		if (now_ns - told_ns > 5 * LOAD_NS_PER_S) {
			fprintf(stderr, "guanxi-load: %llu of %llu have %s\n",
				(unsigned long long)n, (unsigned long long)wanted, word);
			told_ns = now_ns;
		}
		usleep(2000);
		now_ns = gx_clock_mono_ns();
	}
	return (double)(now_ns - begin_ns) / 1e9;
}

static void read_usage(struct load_usage *out)
{
	load_usage_read(&server, out);
	out->own_ns = load_server_cpu_ns(&generator);
}

static void connect_all(const char *prefix)
{
	uint64_t cpu_ns = load_server_cpu_ns(&server), begin_ns = gx_clock_mono_ns();
	double seconds;

	atomic_store(&shared->command, CONNECT);
	seconds = wait_for(READY, load_opt.users, "connected", begin_ns);
	cpu_ns = load_server_cpu_ns(&server) - cpu_ns;
	printf("%sconnect_s=%.2f %sconnects_per_s=%.0f %sserver_cpu_us_per_connect=%.1f ", prefix,
	       seconds, prefix, load_opt.users / seconds, prefix,
	       (double)cpu_ns / 1e3 / load_opt.users);
}

static void rest(uint64_t pss_before)
{
	struct load_usage a, b;
	double pss;

	atomic_store(&shared->command, REST);
	sleep(2);
	pss = (double)load_server_pss_bytes(&server) - (double)pss_before;
	read_usage(&a);
	sleep(load_opt.hold_s);
	read_usage(&b);
	printf("bytes_per_session=%.0f pss_before_mb=%.1f pss_mb=%.1f idle_s=%u "
	       "idle_cpu_ms_per_s=%.2f ",
	       pss / load_opt.users, (double)pss_before / 1048576.0,
	       (double)load_server_pss_bytes(&server) / 1048576.0, load_opt.hold_s,
	       load_opt.hold_s == 0 ? 0
				    : (double)(b.server_ns - a.server_ns) / 1e6 /
					      ((double)(b.mono_ns - a.mono_ns) / 1e9));
	load_usage_print(&a, &b);
}

static void round_next(void)
{
	unsigned round = atomic_load(&shared->round) + 1;

	snprintf(shared->notice, sizeof(shared->notice), "load-notice-%u-%08x", round,
		 (unsigned)gx_random_u64());
	atomic_store(&shared->round, round);
	usleep(300000); /* the children notice within a turn */
}

static void notice(void)
{
	uint64_t cpu_ns = load_server_cpu_ns(&server), begin_ns;
	double seconds;

	round_next();
	begin_ns = gx_clock_mono_ns();
	load_notice_send(shared->notice);
	printf("notice_answer_ms=%.1f ", (double)(gx_clock_mono_ns() - begin_ns) / 1e6);
	seconds = wait_for(NOTICED, load_opt.users, "the notice", begin_ns);
	cpu_ns = load_server_cpu_ns(&server) - cpu_ns;
	printf("notice_s=%.2f noticed=%llu notice_server_cpu_us_per_session=%.2f ", seconds,
	       (unsigned long long)sum(NOTICED), (double)cpu_ns / 1e3 / load_opt.users);
}

static void storm(void)
{
	uint64_t begin_ns, cpu_ns;
	double seconds;

	load_cursor_fetch(0);
	memcpy(shared->cursor, load_cursor, sizeof(shared->cursor));
	atomic_store(&shared->command, LEAVE);
	wait_for(READY, 0, "left", gx_clock_mono_ns());
	sleep(2); /* the server sees them off */
	round_next();
	load_notice_send(shared->notice);
	cpu_ns = load_server_cpu_ns(&server);
	begin_ns = gx_clock_mono_ns();
	connect_all("storm_");
	seconds = wait_for(NOTICED, load_opt.users, "what they have missed", begin_ns);
	cpu_ns = load_server_cpu_ns(&server) - cpu_ns;
	printf("storm_synced_s=%.2f storm_synced=%llu storm_server_cpu_us_each=%.1f ", seconds,
	       (unsigned long long)sum(NOTICED), (double)cpu_ns / 1e3 / load_opt.users);
}

int load_run_crowd(void)
{
	uint64_t pss_before;

	if (load_opt.proto == &load_guanxi && !load_opt.is_seeded)
		load_people_prepare(load_opt.users < 100 ? load_opt.users : 100, LOAD_CROWD);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		load_die("mmap: %s", strerror(errno));
	atomic_store(&shared->command, REST + 100);
	load_server_find(&server, load_opt.server_pid);
	pss_before = load_server_pss_bytes(&server);
	children_start();
	printf("server=%s mode=crowd sessions=%u processes=%u ", load_opt.label, load_opt.users,
	       children_count);
	(void)fflush(stdout);
	connect_all("");
	rest(pss_before);
	if (load_opt.with_notice)
		notice();
	if (load_opt.with_storm)
		storm();
	printf("refused=%llu doubled=%llu\n", (unsigned long long)sum(REFUSED),
	       (unsigned long long)sum(DOUBLED));
	atomic_store(&shared->command, END);
	return sum(DOUBLED) == 0 ? 0 : 1;
}
