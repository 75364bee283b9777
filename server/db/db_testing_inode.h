/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_testing_inode.h - what the two halves of the disk in memory share: db_testing_disk.c keeps
 * bytes and names and knows what is synced, db_testing_vfs.c is SQLite's view of it.
 *
 * All functions are called with the disk locked.
 */
#ifndef GX_DB_TESTING_INODE_H
#define GX_DB_TESTING_INODE_H

#include <sqlite3.h>

#include <pthread.h>

#include "db_testing_disk.h"

#define DISK_PATH_MAX 256u
#define DISK_NAMES_MAX 64u
#define DISK_PAST_MAX 16u /* changes of one name between two syncs of the folder */

struct image {
	unsigned char *bytes; /* of `room` bytes; those behind `size` are zero */
	size_t size;
	size_t room;
};

/* A change that is not synced: a write, or with bytes == NULL a truncation to `at`. */
struct change {
	size_t at;
	size_t size;
	unsigned char *bytes;
};

struct shared_memory {
	unsigned char **regions;
	size_t regions_count;
};

struct inode {
	struct inode *next;
	struct image now;
	struct image synced;
	struct change *changes;
	size_t changes_count;
	size_t changes_room;
	struct shared_memory shm;
};

/* NULL for an inode: the name does not exist. */
struct name {
	char path[DISK_PATH_MAX];
	struct inode *synced;
	struct inode *past[DISK_PAST_MAX]; /* since, the last one is now */
	size_t past_count;
};

struct handle {
	sqlite3_file base;
	struct gx_disk *disk; /* NULL: cut off */
	struct handle *next;
	struct inode *inode;
	const char *path; /* SQLite's, valid while open; "" */
	bool syncs_folder;
	bool is_deleted_on_close;
	int lock;
	bool has_shm;
	unsigned shm_shared; /* bits by lock */
	unsigned shm_exclusive;
};

struct gx_disk {
	sqlite3_vfs vfs;
	char name[64];
	pthread_mutex_t lock; /* recursive; over all that follows */
	struct inode *inodes;
	struct name names[DISK_NAMES_MAX];
	size_t names_count;
	struct handle *handles;
	uint64_t random;
	uint64_t steps_count;
	uint64_t bytes_written;
	bool is_off;
	gx_disk_judge *judge;
	void *judge_arg;
};

uint64_t disk_random(uint64_t *state);
/* Asks the judge, counts. Not called when the power is off. */
enum gx_disk_fault disk_step(struct gx_disk *d, enum gx_disk_op op, const char *path, int64_t at,
			     size_t size);

/* NULL: there is none. */
struct inode *disk_find(struct gx_disk *d, const char *path);
struct inode *disk_make(struct gx_disk *d, const char *path); /* NULL: without a name */
void disk_remove(struct gx_disk *d, const char *path);
void disk_sync_folder(struct gx_disk *d);
/* Frees what neither a name nor a handle leads to. */
void disk_collect(struct gx_disk *d);

void inode_write(struct inode *i, size_t at, const void *bytes, size_t size);
void inode_truncate(struct inode *i, size_t size);
void inode_sync(struct inode *i);
void inode_drop_shm(struct inode *i);

/* db_testing_vfs.c */
void disk_register(struct gx_disk *d);

#endif
