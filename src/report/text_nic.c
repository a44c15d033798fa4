// SPDX-License-Identifier: GPL-2.0-or-later
/* A VF as its PF's network device tells of it. */
#include <inttypes.h>
#include <string.h>

#include "text.h"

static void print_vlan(FILE *out, const struct mig_nic_record *nic)
{
	const char *proto = mig_vlan_proto_name(nic->vlan_proto);

	if (nic->vlan < 0)
		fprintf(out, "  VLAN          unknown\n");
	else if (!nic->vlan)
		fprintf(out, "  VLAN          none\n");
	else
		fprintf(out, "  VLAN          %d, qos %d%s%s\n", nic->vlan, nic->qos,
			proto ? ", " : "", proto ? proto : "");
}

static void print_rates(FILE *out, const struct mig_nic_record *nic)
{
	if (!nic->rates_known)
		fprintf(out, "  rate          unknown\n");
	else if (!nic->min_rate && !nic->max_rate)
		fprintf(out, "  rate          no limits\n");
	else if (!nic->max_rate)
		fprintf(out, "  rate          at least %" PRIu32 " Mbit/s\n", nic->min_rate);
	else
		fprintf(out, "  rate          %" PRIu32 " to %" PRIu32 " Mbit/s\n", nic->min_rate,
			nic->max_rate);
}

void text_nic(const struct mig_style *style, const struct mig_nic_record *nic)
{
	static const uint8_t unset[sizeof(nic->mac)];
	const struct mig_vf_counters *counters = &nic->counters;
	const char *link = mig_vf_link_name(nic->link);
	char mac[18];

	fprintf(style->out, "  MAC           %s\n",
		!nic->mac_known                           ? "unknown"
		: !memcmp(nic->mac, unset, sizeof(unset)) ? "none set by the PF"
							  : mig_mac_text(nic->mac, mac));
	print_vlan(style->out, nic);
	fprintf(style->out, "  trust         %s\n", text_yes_no(nic->trust));
	fprintf(style->out, "  spoof check   %s\n", text_yes_no(nic->spoofchk));
	fprintf(style->out, "  link state    %s\n", link ? link : "unknown");
	print_rates(style->out, nic);
	if (!nic->counted)
		return;
	fprintf(style->out,
		"  received      %" PRIu64 " packets, %" PRIu64 " bytes, %" PRIu64
		" dropped; %" PRIu64 " multicast, %" PRIu64 " broadcast\n",
		counters->rx_packets, counters->rx_bytes, counters->rx_dropped, counters->multicast,
		counters->broadcast);
	fprintf(style->out,
		"  sent          %" PRIu64 " packets, %" PRIu64 " bytes, %" PRIu64 " dropped\n",
		counters->tx_packets, counters->tx_bytes, counters->tx_dropped);
}
