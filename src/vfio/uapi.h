/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel and we say to each other, where <linux/vfio.h> may be too
 * old, or, for v1, too new to say it. States and feature flags are enum
 * members or came one by one, so the preprocessor cannot ask for them: all of
 * it is defined here under our own names, and held against the system's
 * header where that is known to have it.
 *
 * Authority: include/uapi/linux/vfio.h, Linux 5.8-5.17 (v1) and 6.12 (v2).
 */
#ifndef MIGCTL_UAPI_H
#define MIGCTL_UAPI_H

#include <linux/vfio.h>
#include <stddef.h>
#include <stdint.h>

/* VFIO_DEVICE_FEATURE */
#define UAPI_FEATURE _IO(VFIO_TYPE, VFIO_BASE + 17)
#define UAPI_FEATURE_GET (1u << 16)
#define UAPI_FEATURE_SET (1u << 17)
#define UAPI_FEATURE_PROBE (1u << 18)

enum uapi_feature_number {
	UAPI_FEATURE_MIGRATION = 1,
	UAPI_FEATURE_MIG_DEVICE_STATE = 2,
	UAPI_FEATURE_DMA_LOGGING_START = 6,
	UAPI_FEATURE_DMA_LOGGING_STOP = 7,
	UAPI_FEATURE_DMA_LOGGING_REPORT = 8,
	UAPI_FEATURE_MIG_DATA_SIZE = 9,
};

struct uapi_feature {
	uint32_t argsz;
	uint32_t flags;
};

struct uapi_feature_migration {
	struct uapi_feature header;
	uint64_t flags;
};

struct uapi_feature_mig_state {
	struct uapi_feature header;
	uint32_t device_state;
	int32_t data_fd;
};

struct uapi_feature_mig_data_size {
	struct uapi_feature header;
	uint64_t stop_copy_length;
};

/* DMA logging, since 6.1; ranges and bitmap are addresses of ours */
struct uapi_logging_range {
	uint64_t iova;
	uint64_t length;
};

struct uapi_feature_logging_start {
	struct uapi_feature header;
	uint64_t page_size;
	uint32_t num_ranges;
	uint32_t reserved;
	uint64_t ranges;
};

struct uapi_feature_logging_report {
	struct uapi_feature header;
	uint64_t iova;
	uint64_t length;
	uint64_t page_size;
	uint64_t bitmap;
};

/* VFIO_MIG_GET_PRECOPY_INFO, on the data_fd */
#define UAPI_MIG_GET_PRECOPY_INFO _IO(VFIO_TYPE, VFIO_BASE + 21)
struct uapi_precopy_info {
	uint32_t argsz;
	uint32_t flags;
	uint64_t initial_bytes;
	uint64_t dirty_bytes;
};

/* The device's own node, since 6.6 */
#define UAPI_DEVICE_BIND_IOMMUFD _IO(VFIO_TYPE, VFIO_BASE + 18)
struct uapi_bind_iommufd {
	uint32_t argsz;
	uint32_t flags;
	int32_t iommufd;
	uint32_t out_devid;
};

/* What an iommufd tells of a bound device, since 6.6; capabilities since 6.7 */
#define UAPI_IOMMU_GET_HW_INFO _IO(';', 0x8a)
#define UAPI_IOMMU_HW_CAP_DIRTY_TRACKING (1u << 0)
struct uapi_iommu_hw_info {
	uint32_t size;
	uint32_t flags;
	uint32_t dev_id;
	uint32_t data_len;
	uint64_t data_uptr;
	uint32_t out_data_type;
	uint32_t reserved;
	uint64_t out_capabilities;
};

/* Of a type1 container's VFIO_IOMMU_GET_INFO, since 5.8 */
#define UAPI_IOMMU_INFO_CAP_IOVA_RANGE 1
#define UAPI_IOMMU_INFO_CAP_MIGRATION 2
struct uapi_iommu_info {
	uint32_t argsz;
	uint32_t flags;
	uint64_t iova_pgsizes;
	uint32_t cap_offset;
	uint32_t reserved;
};

struct uapi_iommu_info_cap_migration {
	struct vfio_info_cap_header header;
	uint32_t flags;
	uint64_t pgsize_bitmap;
	uint64_t max_dirty_bitmap_size;
};

/* v1: the migration region's header */
#define UAPI_V1_REGION_TYPE 3
#define UAPI_V1_REGION_SUBTYPE 1
struct uapi_v1_header {
	uint32_t device_state;
	uint32_t reserved;
	uint64_t pending_bytes;
	uint64_t data_offset;
	uint64_t data_size;
};

_Static_assert(sizeof(struct uapi_v1_header) == 32, "the header is 32 bytes");
_Static_assert(offsetof(struct uapi_v1_header, pending_bytes) == 0x08, "uapi");
_Static_assert(offsetof(struct uapi_v1_header, data_offset) == 0x10, "uapi");
_Static_assert(offsetof(struct uapi_v1_header, data_size) == 0x18, "uapi");
_Static_assert(sizeof(struct uapi_feature_migration) == 16, "uapi");
_Static_assert(sizeof(struct uapi_feature_mig_state) == 16, "uapi");
_Static_assert(sizeof(struct uapi_precopy_info) == 24, "uapi");
_Static_assert(sizeof(struct uapi_logging_range) == 16, "uapi");
_Static_assert(sizeof(struct uapi_feature_logging_start) == 32, "uapi");
_Static_assert(offsetof(struct uapi_feature_logging_start, ranges) == 24, "uapi");
_Static_assert(sizeof(struct uapi_feature_logging_report) == 40, "uapi");
_Static_assert(offsetof(struct uapi_feature_logging_report, bitmap) == 32, "uapi");
_Static_assert(sizeof(struct uapi_iommu_hw_info) == 40, "uapi");
_Static_assert(offsetof(struct uapi_iommu_hw_info, out_capabilities) == 32, "uapi");
_Static_assert(sizeof(struct uapi_iommu_info_cap_migration) == 32, "uapi");

#ifdef VFIO_DEVICE_FEATURE
_Static_assert(UAPI_FEATURE == VFIO_DEVICE_FEATURE, "system header");
_Static_assert(UAPI_FEATURE_GET == VFIO_DEVICE_FEATURE_GET, "system header");
_Static_assert(UAPI_FEATURE_SET == VFIO_DEVICE_FEATURE_SET, "system header");
_Static_assert(UAPI_FEATURE_PROBE == VFIO_DEVICE_FEATURE_PROBE, "system header");
#endif
#ifdef VFIO_DEVICE_FEATURE_MIGRATION
_Static_assert(UAPI_FEATURE_MIGRATION == VFIO_DEVICE_FEATURE_MIGRATION, "system header");
#endif
#ifdef VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE
_Static_assert(UAPI_FEATURE_MIG_DEVICE_STATE == VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE,
	       "system header");
#endif
#ifdef VFIO_DEVICE_FEATURE_DMA_LOGGING_START
_Static_assert(UAPI_FEATURE_DMA_LOGGING_START == VFIO_DEVICE_FEATURE_DMA_LOGGING_START,
	       "system header");
_Static_assert(UAPI_FEATURE_DMA_LOGGING_STOP == VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP,
	       "system header");
_Static_assert(UAPI_FEATURE_DMA_LOGGING_REPORT == VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT,
	       "system header");
_Static_assert(sizeof(struct uapi_feature_logging_start) ==
		       sizeof(struct vfio_device_feature) +
			       sizeof(struct vfio_device_feature_dma_logging_control),
	       "system header");
_Static_assert(sizeof(struct uapi_feature_logging_report) ==
		       sizeof(struct vfio_device_feature) +
			       sizeof(struct vfio_device_feature_dma_logging_report),
	       "system header");
_Static_assert(sizeof(struct uapi_logging_range) ==
		       sizeof(struct vfio_device_feature_dma_logging_range),
	       "system header");
#endif
#ifdef VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION
_Static_assert(UAPI_IOMMU_INFO_CAP_MIGRATION == VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION &&
		       UAPI_IOMMU_INFO_CAP_IOVA_RANGE == VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE,
	       "system header");
_Static_assert(sizeof(struct uapi_iommu_info_cap_migration) ==
		       sizeof(struct vfio_iommu_type1_info_cap_migration),
	       "system header");
#endif
#ifdef VFIO_DEVICE_FEATURE_MIG_DATA_SIZE
_Static_assert(UAPI_FEATURE_MIG_DATA_SIZE == VFIO_DEVICE_FEATURE_MIG_DATA_SIZE, "system header");
#endif
#ifdef VFIO_MIG_GET_PRECOPY_INFO
_Static_assert(UAPI_MIG_GET_PRECOPY_INFO == VFIO_MIG_GET_PRECOPY_INFO, "system header");
#endif
#ifdef VFIO_DEVICE_BIND_IOMMUFD
_Static_assert(UAPI_DEVICE_BIND_IOMMUFD == VFIO_DEVICE_BIND_IOMMUFD, "system header");
_Static_assert(sizeof(struct uapi_bind_iommufd) == sizeof(struct vfio_device_bind_iommufd),
	       "system header");
#endif
#ifdef VFIO_REGION_TYPE_MIGRATION
_Static_assert(UAPI_V1_REGION_TYPE == VFIO_REGION_TYPE_MIGRATION, "system header");
#endif

#endif
