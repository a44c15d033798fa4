// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "migctl/variant.h"

/* vfio_pci takes any PCI device; nvgrace_gpu_vfio_pci is there for its memory. */
static const char *const never_migrating[] = { "vfio_pci", "nvgrace_gpu_vfio_pci" };

struct alias {
	char *pattern; /* owned: "vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i*" */
	char *module;  /* in the same memory */
};

struct mig_variants {
	struct alias *aliases;
	size_t count;
};

/* Device ids first to last; the names are those of the drivers' pci_driver and Kconfig. */
static const struct known {
	uint32_t vendor, first, last;
	bool vf_only; /* the id is not of VFs alone */
	const char *module, *driver, *config;
} known[] = {
	{ 0x15b3, 0x101e, 0x101e, false, "mlx5_vfio_pci", "mlx5_vfio_pci", "CONFIG_MLX5_VFIO_PCI" },
	/* ZIP, SEC, HPRE */
	{ 0x19e5, 0xa251, 0xa251, false, "hisi_acc_vfio_pci", "hisi_acc_vfio_pci",
	  "CONFIG_HISI_ACC_VFIO_PCI" },
	{ 0x19e5, 0xa256, 0xa256, false, "hisi_acc_vfio_pci", "hisi_acc_vfio_pci",
	  "CONFIG_HISI_ACC_VFIO_PCI" },
	{ 0x19e5, 0xa259, 0xa259, false, "hisi_acc_vfio_pci", "hisi_acc_vfio_pci",
	  "CONFIG_HISI_ACC_VFIO_PCI" },
	{ 0x1dd8, 0x1003, 0x1003, false, "pds_vfio_pci", "pds_vfio_pci", "CONFIG_PDS_VFIO_PCI" },
	{ 0x8086, 0x4941, 0x4941, false, "qat_vfio_pci", "qat_vfio_pci", "CONFIG_QAT_VFIO_PCI" },
	{ 0x8086, 0x4943, 0x4943, false, "qat_vfio_pci", "qat_vfio_pci", "CONFIG_QAT_VFIO_PCI" },
	{ 0x8086, 0x4945, 0x4945, false, "qat_vfio_pci", "qat_vfio_pci", "CONFIG_QAT_VFIO_PCI" },
	/* net, and block since 6.16 */
	{ 0x1af4, 0x1041, 0x1042, true, "virtio_vfio_pci", "virtio_vfio_pci",
	  "CONFIG_VIRTIO_VFIO_PCI" },
	/* Panther Lake, Wildcat Lake, Battlemage: include/drm/intel/pciids.h */
	{ 0x8086, 0xb080, 0xb0b0, true, "xe_vfio_pci", "xe-vfio-pci", "CONFIG_XE_VFIO_PCI" },
	{ 0x8086, 0xfd80, 0xfd81, true, "xe_vfio_pci", "xe-vfio-pci", "CONFIG_XE_VFIO_PCI" },
	{ 0x8086, 0xe202, 0xe223, true, "xe_vfio_pci", "xe-vfio-pci", "CONFIG_XE_VFIO_PCI" },
};

#define KNOWN_COUNT (sizeof(known) / sizeof(*known))

/* Takes the line's memory into the table. */
static int add_alias(struct mig_variants *variants, char *line)
{
	struct alias *grown, alias = { line, NULL };
	char *save;

	strtok_r(line, " \t\n", &save); /* "alias" */
	alias.pattern = strtok_r(NULL, " \t\n", &save);
	alias.module = strtok_r(NULL, " \t\n", &save);
	if (!alias.pattern || !alias.module)
		return -EINVAL;
	grown = reallocarray(variants->aliases, variants->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	variants->aliases = grown;
	grown[variants->count++] = alias;
	return 0;
}

/* The pattern points into the line, always after the same word. */
#define ALIAS_PREFIX "alias vfio_pci:"
#define ALIAS_WORD (sizeof("alias ") - 1)

static void read_aliases(struct mig_variants *variants, FILE *file)
{
	char *line = NULL;
	size_t size = 0;

	/* Among some 20,000 aliases these are a handful. */
	while (getline(&line, &size, file) > 0) {
		if (strncmp(line, ALIAS_PREFIX, strlen(ALIAS_PREFIX)))
			continue;
		if (add_alias(variants, line))
			continue;
		line = NULL;
		size = 0;
	}
	free(line);
}

struct mig_variants *mig_variants_read(const struct mig_host *host)
{
	struct mig_variants *variants = calloc(1, sizeof(*variants));
	char path[MIG_PATH_SIZE];
	struct utsname name;
	FILE *file = NULL;

	if (!variants)
		return NULL;
	if (!uname(&name) && !mig_path(path, "%s/%s/modules.alias", host->modules, name.release))
		file = fopen(path, "re");
	if (file) {
		read_aliases(variants, file);
		fclose(file);
	}
	return variants;
}

void mig_variants_free(struct mig_variants *variants)
{
	if (!variants)
		return;
	for (size_t i = 0; i < variants->count; i++)
		free(variants->aliases[i].pattern - ALIAS_WORD);
	free(variants->aliases);
	free(variants);
}

static size_t count_wildcards(const char *pattern)
{
	size_t count = 0;

	for (; *pattern; pattern++)
		count += *pattern == '*';
	return count;
}

/* The module whose pattern says most about the device: the fewest wildcards. */
static const char *match_alias(const struct mig_variants *variants, const char *modalias)
{
	const char *best = NULL;
	size_t fewest = SIZE_MAX;
	char subject[sizeof(((struct mig_target *)0)->modalias) + sizeof("vfio_")];

	if (strncmp(modalias, "pci:", 4))
		return NULL;
	snprintf(subject, sizeof(subject), "vfio_%s", modalias);
	for (size_t i = 0; i < variants->count; i++) {
		const struct alias *alias = &variants->aliases[i];
		size_t wildcards = count_wildcards(alias->pattern);

		if (wildcards >= fewest || mig_variant_never_migrates(alias->module) ||
		    fnmatch(alias->pattern, subject, 0))
			continue;
		fewest = wildcards;
		best = alias->module;
	}
	return best;
}

static const struct known *find_known(const struct mig_target *target)
{
	for (size_t i = 0; i < KNOWN_COUNT; i++)
		if (target->ids.valid && target->ids.vendor == known[i].vendor &&
		    target->ids.device >= known[i].first && target->ids.device <= known[i].last)
			return &known[i];
	return NULL;
}

static const struct known *find_module(const char *module)
{
	for (size_t i = 0; i < KNOWN_COUNT; i++)
		if (!strcmp(module, known[i].module))
			return &known[i];
	return NULL;
}

bool mig_variants_match(const struct mig_variants *variants, const struct mig_target *target,
			struct mig_variant *variant)
{
	const char *module = match_alias(variants, target->modalias);
	const struct known *entry = module ? find_module(module) : find_known(target);

	memset(variant, 0, sizeof(*variant));
	/* On a PF these drivers are vfio-pci with another name. */
	if ((!module && !entry) || (entry && entry->vf_only && !target->is_vf))
		return false;
	snprintf(variant->module, sizeof(variant->module), "%s", module ? module : entry->module);
	/* All but one of the drivers are named as their module is. */
	snprintf(variant->driver, sizeof(variant->driver), "%s", entry ? entry->driver : module);
	variant->config = entry ? entry->config : NULL;
	variant->migrates = entry;
	variant->available = module;
	return true;
}

/* A driver's name and its module's differ in '-' and '_' at most. */
bool mig_variant_never_migrates(const char *name)
{
	char plain[64];

	snprintf(plain, sizeof(plain), "%s", name);
	for (char *at = plain; *at; at++)
		if (*at == '-')
			*at = '_';
	for (size_t i = 0; i < sizeof(never_migrating) / sizeof(*never_migrating); i++)
		if (!strcmp(plain, never_migrating[i]))
			return true;
	return false;
}

bool mig_variant_is_vfio_driver(const char *driver)
{
	static const char *const others[] = {
		"vfio-platform", "vfio-amba", "vfio-fsl-mc",  "vfio-cdx",      "vfio_mdev",
		"vfio_ap",       "vfio_ccw",  "vfio_ap_mdev", "vfio_ccw_mdev",
	};

	/* vfio-pci and its variants, whichever way they spell it: mlx5_vfio_pci, xe-vfio-pci. */
	if (fnmatch("*vfio[-_]pci*", driver, 0) == 0)
		return true;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strcmp(driver, others[i]))
			return true;
	return false;
}
