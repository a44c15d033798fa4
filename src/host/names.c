// SPDX-License-Identifier: GPL-2.0-or-later
#include <dlfcn.h>
#include <pci/pci.h>
#include <setjmp.h>
#include <stdlib.h>

#include "migctl/names.h"

struct mig_names {
	bool tried;
	void *library;
	struct pci_access *access; /* NULL: no answers */
	typeof(pci_alloc) *alloc;
	typeof(pci_cleanup) *cleanup;
	typeof(pci_lookup_name) *lookup;
};

/*
 * libpci's error() must not return, by default ends the process, and is given
 * no context: a damaged pci.ids shall only mean that there are no names.
 */
static jmp_buf fault;

__attribute__((noreturn)) static void on_error(char *message, ...)
{
	(void)message;
	longjmp(fault, 1);
}

static void on_message(char *message, ...)
{
	(void)message;
}

/*
 * Without pci_init(): that looks for a way to the hardware, which reading
 * pci.ids does not need, and sets the three functions set here.
 */
static void load(struct mig_names *names)
{
	names->tried = true;
	names->library = dlopen("libpci.so.3", RTLD_NOW | RTLD_LOCAL);
	if (!names->library)
		return;
	names->alloc = dlsym(names->library, "pci_alloc");
	names->cleanup = dlsym(names->library, "pci_cleanup");
	names->lookup = dlsym(names->library, "pci_lookup_name");
	if (!names->alloc || !names->cleanup || !names->lookup)
		return;
	names->access = names->alloc();
	if (!names->access)
		return;
	names->access->error = on_error;
	names->access->warning = on_message;
	names->access->debug = on_message;
}

struct mig_names *mig_names_open(void)
{
	return calloc(1, sizeof(struct mig_names));
}

void mig_names_close(struct mig_names *names)
{
	if (!names)
		return;
	if (names->access && !setjmp(fault))
		names->cleanup(names->access);
	if (names->library)
		dlclose(names->library);
	free(names);
}

/* udev's hwdb has the same list in another form: opening it is only cost. */
#define LOOKUP (PCI_LOOKUP_NO_NUMBERS | PCI_LOOKUP_NO_HWDB)

static const char *lookup(struct mig_names *names, int what, const struct mig_target *target,
			  char *text, size_t size)
{
	if (!names || !target->ids.valid)
		return NULL;
	if (!names->tried)
		load(names);
	if (!names->access)
		return NULL;
	if (setjmp(fault)) {
		names->access = NULL;
		return NULL;
	}
	/* What is not in text is a complaint about its size. */
	return names->lookup(names->access, text, (int)size, what | LOOKUP, (int)target->ids.vendor,
			     (int)target->ids.device) == text
		       ? text
		       : NULL;
}

const char *mig_names_vendor(struct mig_names *names, const struct mig_target *target, char *text,
			     size_t size)
{
	return lookup(names, PCI_LOOKUP_VENDOR, target, text, size);
}

const char *mig_names_device(struct mig_names *names, const struct mig_target *target, char *text,
			     size_t size)
{
	char path[MIG_PATH_SIZE];

	if (!target->mdev_type[0])
		return lookup(names, PCI_LOOKUP_DEVICE, target, text, size);
	if (mig_path(path, "%s/mdev_type/name", target->syspath) ||
	    mig_sysfs_text(path, text, size) || !text[0])
		return NULL;
	return text;
}
