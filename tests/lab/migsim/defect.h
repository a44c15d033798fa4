/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Defects: each breaks one documented rule, as a driver's author might. README.md says which, and whose rule it is. Adding
 * one: a line here, migsim_defect() where the rule is kept, a row in README.md and in tests/lab/defects.table.
 */
#ifndef MIGSIM_DEFECT_H
#define MIGSIM_DEFECT_H

/* DEFECT(NAME, word, protocols it can be seen with) */
#define MIGSIM_DEFECTS(DEFECT)								\
	DEFECT(FIRST_STATE, "first-state", BIT(MIGSIM_V1) | BIT(MIGSIM_V2))		\
	DEFECT(RESET_STOPS, "reset-stops", BIT(MIGSIM_V1) | BIT(MIGSIM_V2))		\
	DEFECT(RESET_KEEPS_FD, "reset-keeps-fd", BIT(MIGSIM_V2))			\
	DEFECT(ROUTE_SHORT, "route-short", BIT(MIGSIM_V2))				\
	DEFECT(GET_STALE, "get-stale", BIT(MIGSIM_V2))					\
	DEFECT(SAME_STATE_NAK, "same-state-nak", BIT(MIGSIM_V2))			\
	DEFECT(SAME_STATE_RESTARTS, "same-state-restarts", BIT(MIGSIM_V2))		\
	DEFECT(PRECOPY_P2P_REFUSED, "precopy-p2p-refused", BIT(MIGSIM_V2))		\
	DEFECT(PRECOPY_REFUSED, "precopy-refused", BIT(MIGSIM_V2))			\
	DEFECT(PRECOPY_ABORT_STOPS, "precopy-abort-stops", BIT(MIGSIM_V1) | BIT(MIGSIM_V2)) \
	DEFECT(TAKES_UNSUPPORTED, "takes-unsupported", BIT(MIGSIM_V2))			\
	DEFECT(TAKES_INVALID, "takes-invalid", BIT(MIGSIM_V1) | BIT(MIGSIM_V2))		\
	DEFECT(TAKES_ERROR, "takes-error", BIT(MIGSIM_V1) | BIT(MIGSIM_V2))		\
	DEFECT(REFUSAL_MOVES, "refusal-moves", BIT(MIGSIM_V1) | BIT(MIGSIM_V2))		\
	DEFECT(REFUSAL_SILENT, "refusal-silent", BIT(MIGSIM_V1))			\
	DEFECT(FAIL_OFF_PATH, "fail-off-path", BIT(MIGSIM_V2))				\
	DEFECT(ERROR_LEFT, "error-left", BIT(MIGSIM_V1))				\
	DEFECT(NO_SAVE_FD, "no-save-fd", BIT(MIGSIM_V2))				\
	DEFECT(NO_LOAD_FD, "no-load-fd", BIT(MIGSIM_V2))				\
	DEFECT(SECOND_FD, "second-fd", BIT(MIGSIM_V2))					\
	DEFECT(STRAY_FD, "stray-fd", BIT(MIGSIM_V2))					\
	DEFECT(SAVE_FD_LIVES, "save-fd-lives", BIT(MIGSIM_V2))				\
	DEFECT(PRECOPY_FD_LIVES, "precopy-fd-lives", BIT(MIGSIM_V2))			\
	DEFECT(LOAD_FD_LIVES, "load-fd-lives", BIT(MIGSIM_V2))				\
	DEFECT(END_EIO, "end-eio", BIT(MIGSIM_V2))					\
	DEFECT(END_ENOMSG, "end-enomsg", BIT(MIGSIM_V2))				\
	DEFECT(END_ONCE, "end-once", BIT(MIGSIM_V2))					\
	DEFECT(END_MOVES, "end-moves", BIT(MIGSIM_V2))					\
	DEFECT(READ_LOSES_REST, "read-loses-rest", BIT(MIGSIM_V2))			\
	DEFECT(HEAD_IN_ONE_WRITE, "head-in-one-write", BIT(MIGSIM_V2))			\
	DEFECT(PRECOPY_END_ZERO, "precopy-end-zero", BIT(MIGSIM_V2))			\
	DEFECT(PRECOPY_END_EARLY, "precopy-end-early", BIT(MIGSIM_V2))			\
	DEFECT(PRECOPY_INFO_NONE, "precopy-info-none", BIT(MIGSIM_V2))			\
	DEFECT(PRECOPY_INFO_ALWAYS, "precopy-info-always", BIT(MIGSIM_V2))		\
	DEFECT(INITIAL_BYTES_STUCK, "initial-bytes-stuck", BIT(MIGSIM_V2))		\
	DEFECT(INITIAL_BYTES_ZERO, "initial-bytes-zero", BIT(MIGSIM_V2))		\
	DEFECT(DATA_SIZE_FAILS, "data-size-fails", BIT(MIGSIM_V2))			\
	DEFECT(DATA_SIZE_SMALL, "data-size-small", BIT(MIGSIM_V2))			\
	DEFECT(SAVE_ABORT_LOSES, "save-abort-loses", BIT(MIGSIM_V1) | BIT(MIGSIM_V2))	\
	DEFECT(SAVE_CHANGES, "save-changes", BIT(MIGSIM_V1) | BIT(MIGSIM_V2))		\
	DEFECT(LOAD_TRUNCATED, "load-truncated", BIT(MIGSIM_V1) | BIT(MIGSIM_V2))	\
	DEFECT(LOAD_CORRUPT, "load-corrupt", BIT(MIGSIM_V1) | BIT(MIGSIM_V2))		\
	DEFECT(LOAD_IGNORED, "load-ignored", BIT(MIGSIM_V1) | BIT(MIGSIM_V2))		\
	DEFECT(MMAP_OVER_HEAD, "mmap-over-head", BIT(MIGSIM_V1))			\
	DEFECT(MMAP_BEYOND, "mmap-beyond", BIT(MIGSIM_V1))				\
	DEFECT(ANY_WIDTH, "any-width", BIT(MIGSIM_V1))					\
	DEFECT(RESERVED_NOT_ZERO, "reserved-not-zero", BIT(MIGSIM_V1))			\
	DEFECT(RESERVED_BIT_USED, "reserved-bit-used", BIT(MIGSIM_V1))			\
	DEFECT(PENDING_STUCK, "pending-stuck", BIT(MIGSIM_V1))				\
	DEFECT(PENDING_ZERO_EARLY, "pending-zero-early", BIT(MIGSIM_V1))		\
	DEFECT(OFFSET_ZERO, "offset-zero", BIT(MIGSIM_V1))				\
	DEFECT(OFFSET_IN_HEAD, "offset-in-head", BIT(MIGSIM_V1))			\
	DEFECT(OFFSET_BEYOND, "offset-beyond", BIT(MIGSIM_V1))				\
	DEFECT(OFFSET_ADVANCES, "offset-advances", BIT(MIGSIM_V1))			\
	DEFECT(SIZE_BEYOND, "size-beyond", BIT(MIGSIM_V1))				\
	DEFECT(SIZE_WRITE_TWICE, "size-write-twice", BIT(MIGSIM_V1))			\
	DEFECT(LOG_STARTS_TWICE, "log-starts-twice", BIT(MIGSIM_V2))			\
	DEFECT(LOG_STOP_IGNORED, "log-stop-ignored", BIT(MIGSIM_V2))			\
	DEFECT(LOG_REPORT_IDLE, "log-report-idle", BIT(MIGSIM_V2))			\
	DEFECT(LOG_PAGE_SIZE, "log-page-size", BIT(MIGSIM_V2))				\
	DEFECT(LOG_FEW_RANGES, "log-few-ranges", BIT(MIGSIM_V2))			\
	DEFECT(LOG_NOT_CLEARED, "log-not-cleared", BIT(MIGSIM_V2))			\
	DEFECT(LOG_ENDS_WITH_STATE, "log-ends-with-state", BIT(MIGSIM_V2))

#define MIGSIM_DEFECT_ENUM(_name, _word, _protocols) DEFECT_##_name,
enum migsim_defect { MIGSIM_DEFECTS(MIGSIM_DEFECT_ENUM) DEFECT_COUNT };

#endif
