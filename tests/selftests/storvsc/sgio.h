/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef STORVSC_SGIO_H
#define STORVSC_SGIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A SCSI command sent as it is, past the disk driver, and what came back. */
#define SGIO_CDB_MAX	16
#define SGIO_SENSE_MAX	64

struct sgio {
	uint8_t cdb[SGIO_CDB_MAX];
	uint8_t cdb_len;
	bool to_device;
	void *data;
	uint32_t data_len;

	/* the answer */
	uint8_t status;		/* SCSI status */
	uint16_t host_status;	/* the kernel's verdict, DID_* */
	uint16_t driver_status;
	int32_t residual;	/* bytes not transferred */
	uint8_t sense[SGIO_SENSE_MAX];
	uint8_t sense_len;
};

/* Return: 0 if an answer came, whatever it says, or -errno. */
int sgio_send(int fd, struct sgio *command);

/* Sense data in either format. Return: is there any? */
bool sgio_sense(const struct sgio *command, uint8_t *key, uint8_t *asc, uint8_t *ascq);

#endif
