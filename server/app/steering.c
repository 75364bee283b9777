/* SPDX-License-Identifier: Apache-2.0 */
/*
 * steering.c - a small program in the kernel that picks a member of the group by lot.
 *
 * Classic BPF, which needs no right: A = random, A %= count, then one comparison for each choice.
 * Unlike a listener that is shut down, one that is not chosen keeps what waits in its queue.
 */
#include "steering.h"

#include <linux/filter.h>
#include <sys/socket.h>

bool gx_steer(int listen_fd, const unsigned *indexes, unsigned count)
{
	struct sock_filter code[2 * GX_STEERING_MAX + 3];
	struct sock_fprog program = { .filter = code };
	unsigned n = 0;

	GX_ASSERT(count > 0 && count <= GX_STEERING_MAX);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 (unsigned)SKF_AD_OFF + SKF_AD_RANDOM);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, count);
	for (unsigned i = 0; i < count; i++) {
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, i, 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, indexes[i]);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, indexes[0]);
	program.len = (unsigned short)n;
	return setsockopt(listen_fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program,
			  sizeof(program)) == 0;
}
