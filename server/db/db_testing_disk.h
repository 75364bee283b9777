/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_testing_disk.h - a disk in memory that can fail and lose its power, for tests and simulations.
 *
 * Purpose:    a VFS of SQLite whose files are bytes in memory. It knows of each byte and of each
 *             name in a folder whether it is synced, and so what a machine may find on its disk
 *             after a power failure: everything synced, and of the rest any part.
 * Use:        struct gx_disk *d = gx_disk_new("disk", seed);
 *             struct gx_db_config config = { .path = "/a.db", .vfs = "disk" };
 *             … gx_db_open(&config, …), work, gx_conn_close(), gx_db_close() …
 *             gx_disk_free(d);
 *             For a program that opens the database itself, without a say in the configuration:
 *             gx_disk_be_default(d) before it.
 *
 *             Faults: gx_disk_watch(d, judge, arg). `judge` is asked before each step (a write, a
 *             sync, … see enum gx_disk_op) and says what is to happen. Steps are numbered, so a
 *             run with faults at step N repeats exactly when the program is deterministic.
 *             Power: a judge answers GX_DISK_POWER_LOSS, or the test calls gx_disk_power_off().
 *             From then on every call fails; the program ends or gives up. Then
 *             gx_disk_power_on(d, GX_DISK_LOSE_RANDOM, seed) makes it what a machine would find,
 *             and the database can be opened anew.
 *             kill -9: gx_disk_process_died(d). What was written stays (but is not synced).
 *             To look at all crashes of one run: a judge may call gx_disk_copy() at each step and
 *             open the copy; the run itself goes on undisturbed (db_power_test.c).
 *
 *             SQLite keeps a generator of random numbers of its own, seeded once a process; a
 *             run that must repeat byte by byte seeds it by sqlite3_test_control(
 *             SQLITE_TESTCTRL_PRNG_SEED, number, NULL).
 *
 * What may be lost: of each file, each write, truncation since its last sync: wholly, or any of
 *             its sectors of 512 bytes, whatever the order; bytes beside a write are never harmed.
 *             A file that grew without its bytes having arrived has zeros or rubbish there. Names
 *             made or removed in a folder since a sync of the folder, each on its own. Like the
 *             unix VFS, the first sync by a handle that could make the log or journal syncs the
 *             folder, and so does a removal that asks for it.
 * Threading:  any; one lock. The judge is called under it and may call functions of its own disk
 *             from that thread, but not open files on it.
 * Memory:     SQLite's handles must be closed, or their memory left alone for good, when the
 *             power comes on, the process dies, or the disk is freed: they are cut off then.
 * Errors:     SQLITE_IOERR_…, SQLITE_FULL, SQLITE_CANTOPEN, as from the unix VFS.
 */
#ifndef GX_DB_TESTING_DISK_H
#define GX_DB_TESTING_DISK_H

#include "gx.h"

#define GX_DISK_SECTOR 512u

struct gx_disk;

enum gx_disk_op {
	GX_DISK_WRITE,
	GX_DISK_TRUNCATE,
	GX_DISK_SYNC,
	GX_DISK_CREATE,
	GX_DISK_DELETE,
};

struct gx_disk_step {
	uint64_t number; /* from 0 */
	enum gx_disk_op op;
	const char *path; /* "" of a file without a name */
	int64_t at;	  /* of a write; of a truncation the new size */
	size_t size;	  /* of a write */
};

enum gx_disk_fault {
	GX_DISK_WORKS,
	GX_DISK_IO_ERROR,   /* nothing is done; SQLITE_IOERR_… */
	GX_DISK_FULL,	    /* of a write a part is done; SQLITE_FULL. Others: like an I/O error */
	GX_DISK_TORN,	    /* of a write a part is done; SQLITE_IOERR_WRITE. Others: the same */
	GX_DISK_POWER_LOSS, /* under way (a write may or may not arrive), and nothing more */
};

/* What a power failure leaves of that which is not synced. */
enum gx_disk_loss { GX_DISK_LOSE_ALL, GX_DISK_LOSE_NOTHING, GX_DISK_LOSE_RANDOM };

typedef enum gx_disk_fault gx_disk_judge(void *arg, const struct gx_disk_step *step);

/* Registers a VFS called `name` (which must not be in use); everything random on it comes from
 * `seed`. */
struct gx_disk *gx_disk_new(const char *name, uint64_t seed);
void gx_disk_free(struct gx_disk *d);
/* For who opens databases without naming a VFS; until the disk is freed. */
void gx_disk_be_default(struct gx_disk *d);

/* NULL: no faults. */
void gx_disk_watch(struct gx_disk *d, gx_disk_judge *judge, void *arg);
/* Steps so far: the number of the next. */
uint64_t gx_disk_steps(struct gx_disk *d);
/* Bytes of all writes so far. */
uint64_t gx_disk_bytes_written(struct gx_disk *d);

void gx_disk_power_off(struct gx_disk *d);
bool gx_disk_is_off(struct gx_disk *d);
/* What is there now is synced. */
void gx_disk_power_on(struct gx_disk *d, enum gx_disk_loss loss, uint64_t seed);
/* Cuts off all handles and drops locks and shared memory; files stay as they were written. */
void gx_disk_process_died(struct gx_disk *d);

/* Another disk, as this one would be found if the power failed now. */
struct gx_disk *gx_disk_copy(struct gx_disk *d, const char *name, enum gx_disk_loss loss,
			     uint64_t seed);

/* For tests of damage: reads or changes bytes of a file behind everybody's back (and synced).
 * False: there is no such file or it is shorter. */
bool gx_disk_peek(struct gx_disk *d, const char *path, int64_t at, void *out, size_t size);
bool gx_disk_poke(struct gx_disk *d, const char *path, int64_t at, const void *bytes, size_t size);
/* Changes of a file that are not synced; 0 when there is none. */
size_t gx_disk_unsynced(struct gx_disk *d, const char *path);
/* -1: no such file. */
int64_t gx_disk_file_size(struct gx_disk *d, const char *path);

#endif
