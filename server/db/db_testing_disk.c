/* SPDX-License-Identifier: Apache-2.0 */
/* db_testing_disk.c - bytes and names in memory, and which of them a power failure would leave. */
#include "db_testing_disk.h"

#include <stdio.h>
#include <string.h>

#include "db_testing_inode.h"

uint64_t disk_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15)); /* splitmix64 */

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* ---- images */

static void image_resize(struct image *m, size_t size)
{
	if (size > m->room) {
		size_t room = size * 2;

		m->bytes = gx_heap_resize(m->bytes, room, 1);
		memset(m->bytes + m->room, 0, room - m->room);
		m->room = room;
	}
	if (size < m->size)
		memset(m->bytes + size, 0, m->size - size);
	m->size = size;
}

static void image_write(struct image *m, size_t at, const void *bytes, size_t size)
{
	if (at + size > m->size)
		image_resize(m, at + size);
	memcpy(m->bytes + at, bytes, size);
}

static void image_copy(struct image *to, const struct image *from)
{
	image_resize(to, 0);
	if (from->size > 0)
		image_write(to, 0, from->bytes, from->size);
}

static void image_change(struct image *m, const struct change *c)
{
	if (c->bytes == NULL)
		image_resize(m, c->at);
	else
		image_write(m, c->at, c->bytes, c->size);
}

/* ---- inodes */

static struct inode *inode_new(struct gx_disk *d)
{
	struct inode *i = gx_heap_alloc(sizeof(*i));

	i->next = d->inodes;
	d->inodes = i;
	return i;
}

static void inode_note(struct inode *i, struct change c)
{
	if (i->changes_count == i->changes_room) {
		i->changes_room = i->changes_room * 2 + 8;
		i->changes = gx_heap_resize(i->changes, i->changes_room, sizeof(c));
	}
	i->changes[i->changes_count++] = c;
	image_change(&i->now, &c);
}

void inode_write(struct inode *i, size_t at, const void *bytes, size_t size)
{
	struct change c = { .at = at, .size = size, .bytes = gx_heap_alloc(size + 1) };

	memcpy(c.bytes, bytes, size);
	inode_note(i, c);
}

void inode_truncate(struct inode *i, size_t size)
{
	if (size != i->now.size)
		inode_note(i, (struct change){ .at = size });
}

static void inode_forget_changes(struct inode *i)
{
	for (size_t k = 0; k < i->changes_count; k++)
		gx_heap_free(i->changes[k].bytes);
	i->changes_count = 0;
}

void inode_sync(struct inode *i)
{
	for (size_t k = 0; k < i->changes_count; k++)
		image_change(&i->synced, &i->changes[k]);
	inode_forget_changes(i);
}

void inode_drop_shm(struct inode *i)
{
	for (size_t k = 0; k < i->shm.regions_count; k++)
		gx_heap_free(i->shm.regions[k]);
	gx_heap_free(i->shm.regions);
	i->shm = (struct shared_memory){ 0 };
}

static void inode_free(struct inode *i)
{
	inode_forget_changes(i);
	inode_drop_shm(i);
	gx_heap_free(i->changes);
	gx_heap_free(i->now.bytes);
	gx_heap_free(i->synced.bytes);
	gx_heap_free(i);
}

/* ---- names */

static struct inode *name_now(const struct name *n)
{
	return n->past_count == 0 ? n->synced : n->past[n->past_count - 1];
}

static struct name *name_find(struct gx_disk *d, const char *path)
{
	for (size_t k = 0; k < d->names_count; k++)
		if (strcmp(d->names[k].path, path) == 0)
			return &d->names[k];
	return NULL;
}

static struct name *name_get(struct gx_disk *d, const char *path)
{
	struct name *n = name_find(d, path);

	if (n != NULL)
		return n;
	GX_ASSERT(d->names_count < DISK_NAMES_MAX);
	n = &d->names[d->names_count++];
	*n = (struct name){ 0 };
	GX_ASSERT(snprintf(n->path, sizeof(n->path), "%s", path) < (int)sizeof(n->path));
	return n;
}

/* Of more changes than fit the older ones can't come back any more. */
static void name_change(struct name *n, struct inode *i)
{
	if (n->past_count == DISK_PAST_MAX) {
		memmove(n->past, n->past + 1, sizeof(n->past) - sizeof(n->past[0]));
		n->past_count--;
	}
	n->past[n->past_count++] = i;
}

struct inode *disk_find(struct gx_disk *d, const char *path)
{
	const struct name *n = name_find(d, path);

	return n == NULL ? NULL : name_now(n);
}

struct inode *disk_make(struct gx_disk *d, const char *path)
{
	struct inode *i = inode_new(d);

	if (path != NULL)
		name_change(name_get(d, path), i);
	return i;
}

void disk_remove(struct gx_disk *d, const char *path)
{
	name_change(name_get(d, path), NULL);
}

void disk_sync_folder(struct gx_disk *d)
{
	for (size_t k = 0; k < d->names_count; k++) {
		d->names[k].synced = name_now(&d->names[k]);
		d->names[k].past_count = 0;
	}
	disk_collect(d);
}

static bool is_in_use(const struct gx_disk *d, const struct inode *i)
{
	for (const struct handle *h = d->handles; h != NULL; h = h->next)
		if (h->inode == i)
			return true;
	for (size_t k = 0; k < d->names_count; k++) {
		const struct name *n = &d->names[k];

		if (n->synced == i)
			return true;
		for (size_t m = 0; m < n->past_count; m++)
			if (n->past[m] == i)
				return true;
	}
	return false;
}

void disk_collect(struct gx_disk *d)
{
	struct inode **at = &d->inodes;

	while (*at != NULL) {
		struct inode *i = *at;

		if (is_in_use(d, i)) {
			at = &i->next;
		} else {
			*at = i->next;
			inode_free(i);
		}
	}
}

/* ---- steps */

enum gx_disk_fault disk_step(struct gx_disk *d, enum gx_disk_op op, const char *path, int64_t at,
			     size_t size)
{
	struct gx_disk_step step = {
		.number = d->steps_count++, .op = op, .path = path, .at = at, .size = size
	};

	if (op == GX_DISK_WRITE)
		d->bytes_written += size;
	return d->judge == NULL ? GX_DISK_WORKS : d->judge(d->judge_arg, &step);
}

/* ---- what a power failure leaves */

struct loss {
	enum gx_disk_loss kind;
	uint64_t random;
};

static bool once_in(struct loss *l, uint64_t n)
{
	return disk_random(&l->random) % n == 0;
}

/* A sector whose bytes have not arrived although the file may have grown over it. */
static void lose_sector(struct image *m, size_t at, size_t size, struct loss *l)
{
	size_t end = at + size;

	if (end <= m->size || once_in(l, 3))
		return;
	size_t old = m->size;
	image_resize(m, end);
	if (at < old)
		at = old;
	if (once_in(l, 2))
		for (size_t k = at; k < end; k++)
			m->bytes[k] = (unsigned char)disk_random(&l->random);
}

static void write_some_sectors(struct image *m, const struct change *c, struct loss *l)
{
	bool is_prefix = once_in(l, 2); /* else each sector for itself */
	size_t sectors = c->size / GX_DISK_SECTOR + 1;
	size_t kept = disk_random(&l->random) % sectors;
	size_t done = 0;

	for (size_t k = 0; done < c->size; k++) {
		size_t at = c->at + done;
		size_t size = GX_DISK_SECTOR - at % GX_DISK_SECTOR;

		if (size > c->size - done)
			size = c->size - done;
		if (is_prefix ? k < kept : once_in(l, 2))
			image_write(m, at, c->bytes + done, size);
		else
			lose_sector(m, at, size, l);
		done += size;
	}
}

static void change_perhaps(struct image *m, const struct change *c, struct loss *l)
{
	uint64_t choice = l->kind == GX_DISK_LOSE_RANDOM ? disk_random(&l->random) % 4 : 0;

	if (choice == 0)
		image_change(m, c);
	else if (choice == 1 && c->bytes != NULL)
		write_some_sectors(m, c, l);
	/* else it is lost */
}

static void leave_content(struct image *out, const struct inode *i, struct loss *l)
{
	image_copy(out, &i->synced);
	if (l->kind == GX_DISK_LOSE_ALL)
		return;
	/* Also failures after which nearly all, or nearly nothing, has arrived. */
	uint64_t spared = l->kind == GX_DISK_LOSE_RANDOM ? disk_random(&l->random) % 3 : 0;
	for (size_t k = 0; k < i->changes_count; k++) {
		struct loss keep = { .kind = GX_DISK_LOSE_NOTHING };

		if (spared == 1 && !once_in(l, 8))
			change_perhaps(out, &i->changes[k], &keep);
		else if (spared != 2 || once_in(l, 8))
			change_perhaps(out, &i->changes[k], l);
	}
}

static struct inode *leave_name(const struct name *n, struct loss *l)
{
	if (l->kind == GX_DISK_LOSE_ALL)
		return n->synced;
	if (l->kind == GX_DISK_LOSE_NOTHING)
		return name_now(n);
	size_t choice = disk_random(&l->random) % (n->past_count + 1);
	return choice == 0 ? n->synced : n->past[choice - 1];
}

/* Enters into `to`, which is empty, what a failure would leave of `from`. */
static void leave(struct gx_disk *to, const struct gx_disk *from, enum gx_disk_loss kind,
		  uint64_t seed)
{
	struct loss l = { .kind = kind, .random = seed };

	for (size_t k = 0; k < from->names_count; k++) {
		const struct inode *old = leave_name(&from->names[k], &l);

		if (old == NULL)
			continue;
		struct inode *i = inode_new(to);
		leave_content(&i->synced, old, &l);
		image_copy(&i->now, &i->synced);
		name_get(to, from->names[k].path)->synced = i;
	}
}

static void cut_off_handles(struct gx_disk *d)
{
	for (struct handle *h = d->handles; h != NULL; h = h->next)
		h->disk = NULL;
	d->handles = NULL;
	for (struct inode *i = d->inodes; i != NULL; i = i->next)
		inode_drop_shm(i);
	disk_collect(d);
}

/* ---- public */

struct gx_disk *gx_disk_new(const char *name, uint64_t seed)
{
	struct gx_disk *d = gx_heap_alloc(sizeof(*d));
	pthread_mutexattr_t recursive;

	GX_ASSERT(snprintf(d->name, sizeof(d->name), "%s", name) < (int)sizeof(d->name));
	pthread_mutexattr_init(&recursive);
	pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&d->lock, &recursive);
	pthread_mutexattr_destroy(&recursive);
	d->random = seed;
	disk_register(d);
	return d;
}

void gx_disk_free(struct gx_disk *d)
{
	GX_ASSERT(sqlite3_vfs_unregister(&d->vfs) == SQLITE_OK);
	d->names_count = 0;
	cut_off_handles(d);
	pthread_mutex_destroy(&d->lock);
	gx_heap_free(d);
}

void gx_disk_be_default(struct gx_disk *d)
{
	GX_ASSERT(sqlite3_vfs_register(&d->vfs, 1) == SQLITE_OK);
}

void gx_disk_watch(struct gx_disk *d, gx_disk_judge *judge, void *arg)
{
	pthread_mutex_lock(&d->lock);
	d->judge = judge;
	d->judge_arg = arg;
	pthread_mutex_unlock(&d->lock);
}

uint64_t gx_disk_steps(struct gx_disk *d)
{
	pthread_mutex_lock(&d->lock);
	uint64_t count = d->steps_count;
	pthread_mutex_unlock(&d->lock);
	return count;
}

uint64_t gx_disk_bytes_written(struct gx_disk *d)
{
	pthread_mutex_lock(&d->lock);
	uint64_t count = d->bytes_written;
	pthread_mutex_unlock(&d->lock);
	return count;
}

void gx_disk_power_off(struct gx_disk *d)
{
	pthread_mutex_lock(&d->lock);
	d->is_off = true;
	pthread_mutex_unlock(&d->lock);
}

bool gx_disk_is_off(struct gx_disk *d)
{
	pthread_mutex_lock(&d->lock);
	bool is_off = d->is_off;
	pthread_mutex_unlock(&d->lock);
	return is_off;
}

void gx_disk_power_on(struct gx_disk *d, enum gx_disk_loss loss, uint64_t seed)
{
	struct gx_disk *after = gx_heap_alloc(sizeof(*after));

	pthread_mutex_lock(&d->lock);
	leave(after, d, loss, seed);
	d->names_count = 0;
	cut_off_handles(d);
	GX_ASSERT(d->inodes == NULL);
	d->inodes = after->inodes;
	memcpy(d->names, after->names, sizeof(d->names));
	d->names_count = after->names_count;
	d->is_off = false;
	pthread_mutex_unlock(&d->lock);
	gx_heap_free(after);
}

void gx_disk_process_died(struct gx_disk *d)
{
	pthread_mutex_lock(&d->lock);
	cut_off_handles(d);
	pthread_mutex_unlock(&d->lock);
}

struct gx_disk *gx_disk_copy(struct gx_disk *d, const char *name, enum gx_disk_loss loss,
			     uint64_t seed)
{
	struct gx_disk *copy = gx_disk_new(name, seed);

	pthread_mutex_lock(&d->lock);
	leave(copy, d, loss, seed);
	pthread_mutex_unlock(&d->lock);
	return copy;
}

bool gx_disk_peek(struct gx_disk *d, const char *path, int64_t at, void *out, size_t size)
{
	pthread_mutex_lock(&d->lock);
	const struct inode *i = disk_find(d, path);
	bool is_there = i != NULL && (size_t)at + size <= i->now.size;
	if (is_there)
		memcpy(out, i->now.bytes + at, size);
	pthread_mutex_unlock(&d->lock);
	return is_there;
}

bool gx_disk_poke(struct gx_disk *d, const char *path, int64_t at, const void *bytes, size_t size)
{
	pthread_mutex_lock(&d->lock);
	struct inode *i = disk_find(d, path);
	bool is_there = i != NULL && (size_t)at + size <= i->now.size;
	if (is_there) {
		inode_sync(i);
		inode_write(i, (size_t)at, bytes, size);
		inode_sync(i);
	}
	pthread_mutex_unlock(&d->lock);
	return is_there;
}

size_t gx_disk_unsynced(struct gx_disk *d, const char *path)
{
	pthread_mutex_lock(&d->lock);
	const struct inode *i = disk_find(d, path);
	size_t count = i == NULL ? 0 : i->changes_count;
	pthread_mutex_unlock(&d->lock);
	return count;
}

int64_t gx_disk_file_size(struct gx_disk *d, const char *path)
{
	pthread_mutex_lock(&d->lock);
	const struct inode *i = disk_find(d, path);
	int64_t size = i == NULL ? -1 : (int64_t)i->now.size;
	pthread_mutex_unlock(&d->lock);
	return size;
}
