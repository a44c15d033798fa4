/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls as the worker makes them: without a library between, which
 * would write to the errno that the worker shares with us.
 */
#ifndef MIGCTL_RAW_CALL_H
#define MIGCTL_RAW_CALL_H

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Sanitizers keep their shadow state per thread, and the worker has none. */
#define BARE __attribute__((no_sanitize("address", "undefined"), no_stack_protector))

/*
 * Not syscall(3): that sets errno, which the worker shares with us. Only the
 * architectures that VFIO migration drivers exist for have it exactly; on
 * others errno may be lost when an answer comes at the very deadline.
 */
BARE static inline long raw_call(long number, const long args[6])
{
#if defined(__x86_64__)
	register long r10 __asm__("r10") = args[3];
	register long r8 __asm__("r8") = args[4];
	register long r9 __asm__("r9") = args[5];
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(args[0]), "S"(args[1]), "d"(args[2]), "r"(r10), "r"(r8),
			   "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = args[0];
	register long x1 __asm__("x1") = args[1];
	register long x2 __asm__("x2") = args[2];
	register long x3 __asm__("x3") = args[3];
	register long x4 __asm__("x4") = args[4];
	register long x5 __asm__("x5") = args[5];

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
#else
	long result = syscall(number, args[0], args[1], args[2], args[3], args[4], args[5]);

	return result < 0 ? -errno : result;
#endif
}

BARE static inline long raw_call3(long number, long a, long b, long c)
{
	long args[6] = { a, b, c, 0, 0, 0 };

	return raw_call(number, args);
}

#endif
