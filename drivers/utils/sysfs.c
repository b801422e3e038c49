// SPDX-License-Identifier: GPL-2.0-only
#include "drivers/utils/utils.h"

#include "drivers/utils/transport.h"

#include <linux/sysfs.h>

/* /sys/bus/vmbus/devices/<device>/service/: one number, or one word, a file. */

static const char *const state_names[] = {
	[UTIL_CLOSED]		= "closed",
	[UTIL_NEGOTIATING]	= "negotiating",
	[UTIL_REFUSED]		= "refused",
	[UTIL_READY]		= "ready",
};

static ssize_t name_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sprintf(buf, "%s\n", util_of(dev)->type->name);
}
static DEVICE_ATTR_RO(name);

static ssize_t state_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sprintf(buf, "%s\n", state_names[READ_ONCE(util_of(dev)->state)]);
}
static DEVICE_ATTR_RO(state);

static ssize_t version_show(char *buf, struct hvp_ic_version version)
{
	return sprintf(buf, "%u.%u\n", version.major, version.minor);
}

static ssize_t framework_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return version_show(buf, util_of(dev)->agreed.framework);
}
static DEVICE_ATTR_RO(framework);

static ssize_t message_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return version_show(buf, util_of(dev)->agreed.message);
}
static DEVICE_ATTR_RO(message);

static ssize_t daemon_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sprintf(buf, "%s\n", util_transport_up(util_of(dev)) ? "registered" : "absent");
}
static DEVICE_ATTR_RO(daemon);

#define COUNTER(name)									\
static ssize_t name##_show(struct device *dev, struct device_attribute *attr, char *buf) \
{											\
	return sprintf(buf, "%llu\n", READ_ONCE(util_of(dev)->counters.name));		\
}											\
static DEVICE_ATTR_RO(name)

COUNTER(received);
COUNTER(answered);
COUNTER(malformed);
COUNTER(refused);
COUNTER(unsent);
COUNTER(failed);
COUNTER(late);

/* In the folder of one kind of service only. */
static const struct {
	const struct device_attribute *attr;
	const struct util_type *type;
} owned[] = {
	{ &dev_attr_health, &util_heartbeat },
	{ &dev_attr_request, &util_shutdown },
	{ &dev_attr_reason, &util_shutdown },
	{ &dev_attr_force, &util_shutdown },
	{ &dev_attr_timeout, &util_shutdown },
	{ &dev_attr_text, &util_shutdown },
	{ &dev_attr_offset_ns, &util_timesync },
	{ &dev_attr_clock_sets, &util_timesync },
	{ &dev_attr_error_bound_ns, &util_timesync },
};

static bool is_daemon_attr(const struct attribute *attr)
{
	return attr == &dev_attr_daemon.attr || attr == &dev_attr_failed.attr ||
	       attr == &dev_attr_late.attr || attr == &dev_attr_refused.attr;
}

static umode_t visible(struct kobject *kobj, struct attribute *attr, int index)
{
	const struct util *util = util_of(kobj_to_dev(kobj));
	unsigned int i;

	if (is_daemon_attr(attr) && !util->type->daemon)
		return 0;
	for (i = 0; i < ARRAY_SIZE(owned); i++)
		if (attr == &owned[i].attr->attr && util->type != owned[i].type)
			return 0;
	return attr->mode;
}

static struct attribute *attrs[] = {
	&dev_attr_name.attr,
	&dev_attr_state.attr,
	&dev_attr_framework.attr,
	&dev_attr_message.attr,
	&dev_attr_received.attr,
	&dev_attr_answered.attr,
	&dev_attr_malformed.attr,
	&dev_attr_refused.attr,
	&dev_attr_unsent.attr,
	&dev_attr_daemon.attr,
	&dev_attr_failed.attr,
	&dev_attr_late.attr,
	&dev_attr_health.attr,
	&dev_attr_request.attr,
	&dev_attr_reason.attr,
	&dev_attr_force.attr,
	&dev_attr_timeout.attr,
	&dev_attr_text.attr,
	&dev_attr_offset_ns.attr,
	&dev_attr_clock_sets.attr,
	&dev_attr_error_bound_ns.attr,
	NULL,
};

static const struct attribute_group group = {
	.name = "service",
	.attrs = attrs,
	.is_visible = visible,
};

const struct attribute_group *util_groups[] = { &group, NULL };
