/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two interrupts by which vfio-pci speaks to who has the device open: that
 * it had an error (AER), and that it is asked for back (unbinding, removal).
 *
 * Authority: include/uapi/linux/vfio.h (VFIO_DEVICE_SET_IRQS),
 * drivers/vfio/pci/vfio_pci_intrs.c, vfio_pci_core.c.
 */
#ifndef MIGCTL_IRQ_H
#define MIGCTL_IRQ_H

#include "migctl/device.h"

enum mig_irq {
	MIG_IRQ_ERROR,
	MIG_IRQ_REQUEST,
};
#define MIG_IRQ_COUNT (MIG_IRQ_REQUEST + 1)

struct mig_irqs {
	int fd[MIG_IRQ_COUNT]; /* owned eventfds; -1: not armed */
};

/* Before the first use; nothing is armed. */
void mig_irqs_init(struct mig_irqs *irqs);
/*
 * Those that the device says it has, and of which nobody else can be the user:
 * none of a device that is another's (device->shared), where it would take his
 * away. That a driver refuses is no error; only a stuck seam is: -ETIMEDOUT.
 */
int mig_irqs_arm(struct mig_irqs *irqs, struct mig_device *device, struct mig_error *error);
/* How often it came since the last call; -1: it is not armed. */
int64_t mig_irqs_take(struct mig_irqs *irqs, enum mig_irq irq);
/* Before the device is closed, and also when its seam is stuck; errors as above. */
int mig_irqs_disarm(struct mig_irqs *irqs, struct mig_device *device, struct mig_error *error);

#endif
