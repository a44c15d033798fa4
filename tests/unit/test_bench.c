// SPDX-License-Identifier: GPL-2.0-or-later
/* What bench asks of the mover, and a bench as a whole, on the scripted seam. */
#include "test_move_fake.h"

#include "migctl/bench.h"

#define OTHER_FD 21

static struct mig_bench bench;

/* A save is told how much to ask for a call, in either protocol. */
static void test_chunk_v2(void **state)
{
	const struct script_call calls[] = {
		V2_GET('R'),      NO_SIZE,          V2_GO('S', -1),  V2_GO('C', DATA_FD),
		READ(4096, 4096), READ(4096, 4096), READ(4096, 100), /* ends the batch */
		READ(100, 0),     V2_GET('C'),      V2_GO('S', -1),  V2_GO('R', -1)
	};

	(void)state;
	options.chunk = 4096;
	ring_slots = 2;
	assert_int_equal(run_save(&mig_proto_v2, calls, COUNT(calls)), 0);
	assert_int_equal(move.bytes, 2 * 4096 + 100);
	assert_int_equal(taken.bytes, move.bytes);
	assert_true(move.data_ns > 0);
	done();
}

static void test_chunk_v1(void **state)
{
	const struct script_call calls[] = { GET('R'),
					     PUT('C', 4),
					     GET('C'),
					     PENDING(2500),
					     OFFSET(0x20),
					     SIZE(2500),
					     DATA(0x20, 1024, 1024),
					     DATA(0x20 + 1024, 1024, 1024),
					     DATA(0x20 + 2048, 452, 452),
					     PENDING(0),
					     GET('C'),
					     GO('S'),
					     GO('R') };

	(void)state;
	options.chunk = 1024;
	ring_slots = 16;
	assert_int_equal(run_save(&mig_proto_v1, calls, COUNT(calls)), 0);
	/* One transaction still, in three pieces. */
	assert_int_equal(move.transactions, 1);
	assert_int_equal(taken.count, 3);
	assert_true(taken.more[0] && taken.more[1] && !taken.more[2]);
	assert_int_equal(taken.bytes, 2500);
	done();
}

/* Out of RESUMING without STOP, an arc of v1 that no other command needs. */
static void test_load_running(void **state)
{
	const struct script_call calls[] = {
		GET('R'),        GET('R'), GO('M'), OFFSET(0x20), PUT_DATA(0x20, 10, 10),
		PUT_SIZE(10, 8), GET('M'), GO('R')
	};

	(void)state;
	options.load_running = true;
	assert_int_equal(run_restore(&mig_proto_v1, calls, COUNT(calls), one, 1, 0), 0);
	went("MR");
	is_in('R');
	done();
}

static int run(const struct script_call *calls, size_t count, const struct mig_bench_options *how)
{
	port.caps = MIG_CAP_STOP_COPY;
	begin(&mig_proto_v2, calls, count);
	script_has_fd(&script, OTHER_FD);
	return mig_bench_run(&bench, &port, how, &stop, &error);
}

static void ended(void)
{
	struct mig_error ignored;

	mig_bench_clear(&bench);
	mig_port_close(&port, &ignored);
	script.open[DATA_FD] = script.open[OTHER_FD] = false;
	script_end(&script);
}

static const struct mig_figure *arc(char from, char to)
{
	const struct mig_figure like = { .what = MIG_MEASURE_ARC,
					 .from = letter_state(from),
					 .to = letter_state(to) };

	return mig_figures_find(&bench.figures, &like);
}

static const struct mig_figure *of(enum mig_measure what)
{
	const struct mig_figure like = { .what = what };

	return mig_figures_find(&bench.figures, &like);
}

#define LOOK V2_GET('R'), NO_SIZE
#define SAVE_10 \
	V2_GET('R'), NO_SIZE, V2_GO('S', -1), V2_GO('C', DATA_FD), READ(MIB, 10), READ(10, 0), \
		V2_GET('C'), V2_GO('S', -1), V2_GO('R', -1)

/* One cycle: every arc, in a round trip without a detour, and a save. */
static void test_cycle(void **state)
{
	const struct mig_bench_options how = { .cycles = 1, .no_restore = true };
	const struct script_call calls[] = { V2_GET('R'),    LOOK,
					     V2_GO('S', -1), V2_GO('C', OTHER_FD),
					     V2_GO('S', -1), V2_GO('R', -1),
					     SAVE_10 };

	(void)state;
	assert_int_equal(run(calls, COUNT(calls), &how), 0);
	assert_int_equal(bench.cycles, 1);
	assert_int_equal(bench.last.state, MIG_STATE_RUNNING);
	assert_false(bench.left || bench.reset || bench.no_save[0]);
	assert_int_equal(arc('R', 'S')->n, 1);
	assert_int_equal(arc('S', 'C')->n, 1);
	assert_int_equal(arc('C', 'S')->n, 1);
	assert_int_equal(arc('S', 'R')->n, 1);
	assert_true(arc('S', 'R')->ns[0] > arc('R', 'S')->ns[0]); /* the script's calls count on */
	assert_int_equal(of(MIG_MEASURE_SAVE)->bytes, 10);
	assert_int_equal(of(MIG_MEASURE_STOPPED)->n, 1);
	assert_int_equal(of(MIG_MEASURE_GET)->n, 1);
	assert_null(of(MIG_MEASURE_RESTORE));
	ended();
}

/* An arc that is refused: it is counted, and asked no more but by the save, which then is none. */
static void test_nak(void **state)
{
	const struct mig_bench_options how = { .cycles = 2, .no_restore = true };
	const struct script_call calls[] = {
		V2_GET('R'), LOOK,       V2_SET('S', -1, -EBUSY), V2_GET('R'),
		V2_GET('R'), NO_SIZE,    V2_SET('S', -1, -EBUSY), V2_GET('R'),
		V2_GET('R'), V2_GET('R')
	};

	(void)state;
	assert_int_equal(run(calls, COUNT(calls), &how), 0);
	assert_int_equal(bench.cycles, 2);
	assert_int_equal(arc('R', 'S')->n, 0);
	assert_int_equal(arc('R', 'S')->naks, 1);
	assert_int_equal(arc('R', 'S')->err, EBUSY);
	assert_non_null(strstr(bench.no_save, "EBUSY"));
	ended();
}

/* What ended elsewhere is brought back, and the reason stays the first. */
static void test_astray(void **state)
{
	const struct mig_bench_options how = { .cycles = 2 };
	const struct script_call calls[] = { V2_GET('R'),   LOOK,        V2_SET('S', -1, 0),
					     V2_GET('C'),   V2_GET('C'), V2_GO('S', -1),
					     V2_GO('R', -1) };

	(void)state;
	assert_int_not_equal(run(calls, COUNT(calls), &how), 0);
	ONLY(MIG_KIND_ASTRAY);
	says("asked running -> stop");
	assert_false(bench.left);
	assert_int_equal(bench.cycles, 0);
	assert_int_equal(bench.last.state, MIG_STATE_RUNNING);
	ended();
}

/* No way home: it is reset, and does not go there again. */
static void test_no_way_back(void **state)
{
	const struct mig_bench_options how = { .cycles = 2 };
	const struct script_call calls[] = {
		V2_GET('R'),          LOOK,           V2_GO('S', -1),
		V2_GO('C', OTHER_FD), V2_GO('S', -1), V2_SET('R', -1, -EIO),
		V2_GET('S'),          V2_GET('S'),    V2_SET('R', -1, -EIO),
		V2_GET('S'),          RESET,          V2_GET('R'),
		V2_GET('R')
	};

	(void)state;
	assert_int_equal(run(calls, COUNT(calls), &how), 0);
	ONLY(MIG_KIND_OK);
	assert_true(bench.reset);
	assert_false(bench.left);
	assert_int_equal(bench.cycles, 2);
	assert_non_null(strstr(bench.no_save, "every way out of stop"));
	ended();
}

static void test_read_only(void **state)
{
	const struct mig_bench_options how = { .cycles = 3, .read_only = true };
	const struct script_call calls[] = { V2_GET('S'), V2_GET('S'), V2_SIZE(7), V2_GET('S'),
					     V2_SIZE(7),  V2_GET('S'), V2_SIZE(7) };

	(void)state;
	assert_int_equal(run(calls, COUNT(calls), &how), 0);
	assert_int_equal(of(MIG_MEASURE_GET)->n, 3);
	assert_int_equal(of(MIG_MEASURE_DATA_SIZE)->n, 3);
	assert_int_equal(bench.figures.count, 2);
	ended();
}

static void test_refused(void **state)
{
	const struct mig_bench_options how = { .cycles = 3 };
	const struct script_call stopped[] = { V2_GET('S') }, faulted[] = { V2_GET('E') };

	(void)state;
	assert_int_equal(run(stopped, 1, &how), -EPERM);
	ONLY(MIG_KIND_REFUSED);
	ended();
	assert_int_equal(run(faulted, 1, &how), -EPERM);
	ONLY(MIG_KIND_FAULTED);
	ended();
}

static void test_interrupted(void **state)
{
	const struct mig_bench_options how = { .cycles = 3 };
	const struct script_call calls[] = {
		V2_GET('R'),
		LOOK,
		IOCTL_(DEVICE, FEATURE, 0, .during = interrupt,
		       .reply = (const struct v2_state[]){ { 16, 0, MIG_STATE_STOP, -1 } },
		       .reply_size = 16),
		V2_GET('S'),
		V2_GET('S'),
		V2_GO('R', -1)
	};

	(void)state;
	assert_int_equal(run(calls, COUNT(calls), &how), -EINTR);
	ONLY(MIG_KIND_FAILED);
	assert_int_equal(arc('R', 'S')->n, 1);
	assert_false(bench.left);
	ended();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_chunk_v2, reset_options),
		cmocka_unit_test_setup(test_chunk_v1, reset_options),
		cmocka_unit_test_setup(test_load_running, reset_options),
		cmocka_unit_test_setup(test_cycle, reset_options),
		cmocka_unit_test_setup(test_nak, reset_options),
		cmocka_unit_test_setup(test_astray, reset_options),
		cmocka_unit_test_setup(test_no_way_back, reset_options),
		cmocka_unit_test_setup(test_read_only, reset_options),
		cmocka_unit_test_setup(test_refused, reset_options),
		cmocka_unit_test_setup(test_interrupted, reset_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
