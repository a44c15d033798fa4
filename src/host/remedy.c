// SPDX-License-Identifier: GPL-2.0-or-later
/* Sentences and commands about the driver a device has and the one it wants. */
#include <stdio.h>
#include <string.h>

#include "migctl/variant.h"

void mig_variant_bind_commands(const struct mig_target *target, const char *module,
			       const char *driver, char *commands, size_t size)
{
	/* The buses whose devices have driver_override and can be probed again. */
	static const char *const buses[] = { "pci", "platform", "fsl-mc", "cdx", "amba" };
	char unbind[3 * MIG_NAME_SIZE] = "";
	size_t i = 0;

	commands[0] = '\0';
	while (i < sizeof(buses) / sizeof(*buses) && strcmp(target->bus, buses[i]))
		i++;
	/* These lines are there to be pasted into a root shell. */
	if (i == sizeof(buses) / sizeof(*buses) || !mig_name_is_plain(target->name) ||
	    !mig_name_is_plain(module) || !mig_name_is_plain(driver))
		return;
	if (target->driver[0])
		snprintf(unbind, sizeof(unbind), "echo %s > /sys/bus/%s/devices/%s/driver/unbind; ",
			 target->name, target->bus, target->name);
	if ((size_t)snprintf(commands, size,
			     "modprobe %s; echo %s > /sys/bus/%s/devices/%s/driver_override; "
			     "%secho %s > /sys/bus/%s/drivers_probe",
			     module, driver, target->bus, target->name, unbind, target->name,
			     target->bus) >= size)
		commands[0] = '\0';
}

/* Who asks about a device that VFIO does not have has already said what has it. */
static void describe_driver(const struct mig_target *target, char *text, size_t size)
{
	char driver[128];

	text[0] = '\0';
	if (target->vfio_bound)
		snprintf(text, size, "bound to %s; ",
			 mig_escape(driver, sizeof(driver), target->driver));
}

static void explain_known(const struct mig_target *target, const struct mig_variant *variant,
			  char *sentence, size_t sentence_size, char *remedy, size_t remedy_size)
{
	char bound[256], module[256];
	const char *what = variant->migrates ? "the migration-capable driver"
					     : "the driver that modules.alias names";

	describe_driver(target, bound, sizeof(bound));
	mig_escape(module, sizeof(module), variant->module);
	if (!variant->available) {
		snprintf(sentence, sentence_size,
			 "%sthe migration-capable driver for %04x:%04x is %s, which this kernel "
			 "does not have (%s)",
			 bound, target->ids.vendor, target->ids.device, module, variant->config);
		snprintf(remedy, remedy_size, "boot a kernel built with %s=m", variant->config);
	} else if (!strcmp(target->driver, variant->driver)) {
		snprintf(sentence, sentence_size,
			 "bound to %s, %s for %04x:%04x, which offers no migration here%s", module,
			 variant->migrates ? "the right driver" : what, target->ids.vendor,
			 target->ids.device, target->is_vf ? "" : "; the device is not a VF");
	} else {
		snprintf(sentence, sentence_size, "%s%s for %04x:%04x is %s%s", bound, what,
			 target->ids.vendor, target->ids.device, module,
			 variant->migrates ? "" : "; whether it migrates is not known");
		mig_variant_bind_commands(target, variant->module, variant->driver, remedy,
					  remedy_size);
	}
}

static void explain_unknown(const struct mig_target *target, char *sentence, size_t sentence_size,
			    char *remedy, size_t remedy_size)
{
	char bound[256];

	describe_driver(target, bound, sizeof(bound));
	snprintf(sentence, sentence_size, "%sno migration-capable driver is known for %04x:%04x%s",
		 bound, target->ids.vendor, target->ids.device,
		 target->is_vf ? "" : ", which is not a VF");
	/* Without a VFIO driver at all, vfio-pci at least opens it. */
	if (!target->vfio_bound)
		mig_variant_bind_commands(target, "vfio-pci", "vfio-pci", remedy, remedy_size);
}

bool mig_variant_explain(const struct mig_host *host, struct mig_target *target, char *sentence,
			 size_t sentence_size, char *remedy, size_t remedy_size)
{
	struct mig_variants *variants;
	struct mig_variant variant;

	sentence[0] = remedy[0] = '\0';
	mig_target_describe(target);
	if (!target->ids.valid)
		return false;
	variants = mig_variants_read(host);
	if (variants && mig_variants_match(variants, target, &variant))
		explain_known(target, &variant, sentence, sentence_size, remedy, remedy_size);
	else
		explain_unknown(target, sentence, sentence_size, remedy, remedy_size);
	mig_variants_free(variants);
	return true;
}
