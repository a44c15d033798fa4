// SPDX-License-Identifier: GPL-2.0-or-later
#include "test_host_tree.h"

#include "migctl/fallout.h"

#define DEVICE "sys/devices/pci/0000:06:00.1"

static void write_status(struct tree *tree, unsigned int status)
{
	unsigned char config[64] = { 0xb3, 0x15, 0x1e, 0x10 };
	char path[MIG_PATH_SIZE];
	FILE *file;

	config[6] = (unsigned char)status;
	config[7] = (unsigned char)(status >> 8);
	mig_path(path, "%s/" DEVICE "/config", tree->root);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(config, 1, sizeof(config), file), sizeof(config));
	assert_int_equal(fclose(file), 0);
}

static void log_line(struct tree *tree, const char *text)
{
	char path[MIG_PATH_SIZE];
	FILE *file;

	mig_path(path, "%s/kmsg", tree->dev);
	file = fopen(path, "a");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static struct mig_target make_target(struct tree *tree)
{
	struct mig_target target;

	tree_device(tree, "pci", "0000:06:00.1", "mlx5_vfio_pci", 26);
	assert_int_equal(mig_target_read(&tree->host, "pci", "0000:06:00.1", &target), 0);
	return target;
}

static void test_nothing(void **state)
{
	struct tree *tree = *state;
	struct mig_target target = make_target(tree);
	struct mig_fallout_snap snap;
	struct mig_fallout fallout;

	mig_fallout_begin(&tree->host, &target, NULL, NULL, &snap);
	assert_int_equal(snap.kmsg_fd, -1);
	mig_fallout_collect(&snap, &fallout);
	assert_true(fallout.pci);
	assert_int_equal(fallout.status, -1);
	assert_int_equal(fallout.status_before, -1);
	assert_false(fallout.aer_known || fallout.log_known);
	assert_int_equal(fallout.aer_count + fallout.log_count + fallout.log_dropped, 0);
	mig_fallout_clear(&fallout);
	mig_fallout_end(&snap);
}

static void test_status(void **state)
{
	struct tree *tree = *state;
	struct mig_target target = make_target(tree);
	struct mig_fallout_snap snap;
	struct mig_fallout fallout;

	write_status(tree, 0x0010);
	mig_fallout_begin(&tree->host, &target, NULL, NULL, &snap);
	write_status(tree, 0xa110);
	mig_fallout_collect(&snap, &fallout);
	assert_int_equal(fallout.status_before, 0x0010);
	assert_int_equal(fallout.status, 0xa110);
	assert_string_equal(mig_fallout_status_error(fallout.status, 0),
			    "master data parity error");
	assert_string_equal(mig_fallout_status_error(fallout.status, 1), "received master abort");
	assert_string_equal(mig_fallout_status_error(fallout.status, 2), "detected parity error");
	assert_null(mig_fallout_status_error(fallout.status, 3));
	assert_null(mig_fallout_status_error(0x0610, 0));
	assert_null(mig_fallout_status_error(-1, 0));
	assert_string_equal(mig_fallout_status_error(0x0800, 0), "signaled target abort");
	assert_string_equal(mig_fallout_status_error(0x1000, 0), "received target abort");
	assert_string_equal(mig_fallout_status_error(0x4000, 0), "signaled system error");
	mig_fallout_clear(&fallout);
	mig_fallout_end(&snap);
}

struct reader {
	int answers[2];
	size_t asked;
	char path[MIG_PATH_SIZE];
};

static int read_for(void *context, const char *path)
{
	struct reader *reader = context;

	assert_in_range(reader->asked, 0, 1);
	snprintf(reader->path, sizeof(reader->path), "%s", path);
	return reader->answers[reader->asked++];
}

/* Who has deadlines reads the register: once before, once after, and nobody else does. */
static void test_status_by_caller(void **state)
{
	struct tree *tree = *state;
	struct mig_target target = make_target(tree);
	struct reader reader = { .answers = { 0x8010, -1 } };
	struct mig_fallout_snap snap;
	struct mig_fallout fallout;

	write_status(tree, 0x0010);
	mig_fallout_begin(&tree->host, &target, read_for, &reader, &snap);
	assert_int_equal(reader.asked, 1);
	assert_non_null(strstr(reader.path, "0000:06:00.1/config"));
	mig_fallout_collect(&snap, &fallout);
	assert_int_equal(reader.asked, 2);
	assert_int_equal(fallout.status_before, 0x8010);
	assert_int_equal(fallout.status, -1);
	mig_fallout_clear(&fallout);
	mig_fallout_end(&snap);
	/* Nothing but PCI has the register. */
	tree_device(tree, "platform", "migsim-b", "migsim", 3);
	assert_int_equal(mig_target_read(&tree->host, "platform", "migsim-b", &target), 0);
	reader.asked = 0;
	mig_fallout_begin(&tree->host, &target, read_for, &reader, &snap);
	mig_fallout_collect(&snap, &fallout);
	assert_int_equal(reader.asked, 0);
	assert_int_equal(fallout.status, -1);
	mig_fallout_clear(&fallout);
	mig_fallout_end(&snap);
}

static void test_aer(void **state)
{
	struct tree *tree = *state;
	struct mig_target target = make_target(tree);
	struct mig_fallout_snap snap;
	struct mig_fallout fallout;

	tree_bytes(tree, "RxErr 5\nBadTLP 0\nTOTAL_ERR_COR 5\n", DEVICE "/aer_dev_correctable");
	tree_bytes(tree, "Undefined 0\nDLP 9\nTOTAL_ERR_FATAL 9\n", DEVICE "/aer_dev_fatal");
	mig_fallout_begin(&tree->host, &target, NULL, NULL, &snap);
	tree_bytes(tree,
		   "RxErr 5\nBadTLP 2\nodd line\n x\ndev_cor_errs_bit[4] 1\nTOTAL_ERR_COR 7\n",
		   DEVICE "/aer_dev_correctable");
	tree_bytes(tree, "Undefined 0\nDLP 3\nTOTAL_ERR_FATAL 9\n", DEVICE "/aer_dev_fatal");
	mig_fallout_collect(&snap, &fallout);
	assert_true(fallout.aer_known);
	assert_int_equal(fallout.aer_count, 4);
	assert_string_equal(fallout.aer[0].name, "BadTLP");
	assert_string_equal(fallout.aer[0].severity, "correctable");
	assert_int_equal(fallout.aer[0].delta, 2);
	assert_string_equal(fallout.aer[1].name, "dev_cor_errs_bit[4]");
	assert_int_equal(fallout.aer[1].delta, 1);
	assert_string_equal(fallout.aer[2].name, "TOTAL_ERR_COR");
	/* Smaller than before: counted anew since the device came back. */
	assert_string_equal(fallout.aer[3].name, "DLP");
	assert_string_equal(fallout.aer[3].severity, "fatal");
	assert_int_equal(fallout.aer[3].delta, 3);
	mig_fallout_clear(&fallout);
	mig_fallout_end(&snap);
}

static void test_log(void **state)
{
	static const char *const expected[] = {
		"mlx5_vfio_pci 0000:06:00.1: save failed",
		"by name 0000:06:00.1, no dictionary",
		"mlx5-vfio-pci: something of the driver",
		"not named in the text",
	};
	struct tree *tree = *state;
	struct mig_target target = make_target(tree);
	struct mig_fallout_snap snap;
	struct mig_fallout fallout;

	log_line(tree, "6,1,100,-;0000:06:00.1 said this before\n");
	mig_fallout_begin(&tree->host, &target, NULL, NULL, &snap);
	assert_true(snap.kmsg_fd >= 0);
	log_line(tree, "3,2,200,-;mlx5_vfio_pci 0000:06:00.1: save failed\n SUBSYSTEM=pci\n "
		       "DEVICE=+pci:0000:06:00.1\n");
	log_line(tree, "3,3,200,-;mlx5_vfio_pci 0000:06:00.2: save failed\n SUBSYSTEM=pci\n "
		       "DEVICE=+pci:0000:06:00.2\n");
	log_line(tree, "3,4,200,-;by name 0000:06:00.1, no dictionary\n"
		       "3,5,200,-;mlx5-vfio-pci: something of the driver\n"
		       "3,6,200,-;my_mlx5_vfio_pci is another one\n"
		       "3,7,200,-;0000:06:00.10 is another one\n"
		       "no record at all\n");
	log_line(tree, "3,8,200,-;not named in the text\n SUBSYSTEM=pci\n "
		       "DEVICE=+pci:0000:06:00.1\n");
	mig_fallout_collect(&snap, &fallout);
	assert_true(fallout.log_known);
	assert_int_equal(fallout.log_count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(fallout.log[i], expected[i]);
	assert_int_equal(fallout.log_dropped, 0);
	mig_fallout_clear(&fallout);
	assert_int_equal(fallout.log_count, 0);

	/* And on from there. */
	log_line(tree, "3,9,300,-;0000:06:00.1 later\n");
	mig_fallout_collect(&snap, &fallout);
	assert_int_equal(fallout.log_count, 1);
	mig_fallout_clear(&fallout);
	mig_fallout_end(&snap);
	assert_int_equal(snap.kmsg_fd, -1);
}

static void test_log_bounded(void **state)
{
	struct tree *tree = *state;
	struct mig_target target = make_target(tree);
	struct mig_fallout_snap snap;
	struct mig_fallout fallout;

	log_line(tree, "");
	mig_fallout_begin(&tree->host, &target, NULL, NULL, &snap);
	for (int i = 0; i < 70; i++)
		log_line(tree, "3,9,300,-;0000:06:00.1 again\n");
	mig_fallout_collect(&snap, &fallout);
	assert_int_equal(fallout.log_count, MIG_FALLOUT_LOG_MAX);
	assert_int_equal(fallout.log_dropped, 6);
	mig_fallout_clear(&fallout);
	mig_fallout_end(&snap);
}

/* A platform device has a config file, or not; it is not asked for one. */
static void test_not_pci(void **state)
{
	struct tree *tree = *state;
	struct mig_target target;
	struct mig_fallout_snap snap;
	struct mig_fallout fallout;

	tree_device(tree, "platform", "migsim-a", "migsim", 1);
	tree_bytes(tree, "0123456789", "sys/devices/platform/migsim-a/config");
	log_line(tree, "");
	assert_int_equal(mig_target_read(&tree->host, "platform", "migsim-a", &target), 0);
	mig_fallout_begin(&tree->host, &target, NULL, NULL, &snap);
	log_line(tree, "3,1,2,-;migsim migsim-a: faulted\n SUBSYSTEM=platform\n "
		       "DEVICE=+platform:migsim-a\n");
	log_line(tree, "3,2,2,-;migsim migsim-b: faulted\n SUBSYSTEM=platform\n "
		       "DEVICE=+platform:migsim-b\n");
	mig_fallout_collect(&snap, &fallout);
	assert_false(fallout.pci);
	assert_int_equal(fallout.status, -1);
	assert_int_equal(fallout.log_count, 1);
	assert_string_equal(fallout.log[0], "migsim migsim-a: faulted");
	mig_fallout_clear(&fallout);
	mig_fallout_end(&snap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_nothing), TREE_TEST(test_status), TREE_TEST(test_status_by_caller),
		TREE_TEST(test_aer),     TREE_TEST(test_log),    TREE_TEST(test_log_bounded),
		TREE_TEST(test_not_pci),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
