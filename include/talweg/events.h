/**
 * @file events.h
 * Event files, which TensorBoard shows.
 */
#ifndef TALWEG_EVENTS_H
#define TALWEG_EVENTS_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Writes scalars and histograms to an event file. */
typedef struct tw_event_writer tw_event_writer;

/** Begins a file of its own in a folder, which is made (not those above it) if there is none. TW_ERROR_IO */
tw_status tw_event_writer_new(const char *folder, tw_event_writer **writer) TW_CHECK;

/** Writes what waits, as far as that goes, and frees a writer. NULL is accepted. */
void tw_event_writer_free(tw_event_writer *writer);

/** A number at a step, under a name; slashes in it make groups. It is kept as float32. */
tw_status tw_event_writer_add_scalar(tw_event_writer *writer, const char *tag, double value, int64_t step) TW_CHECK;

/**
 * How the elements of a tensor are distributed at a step: counts in `bins` intervals of one width, 1 to 10,000, from
 * the least to the greatest.
 * @return TW_ERROR_NUMERIC for elements that are not finite
 */
tw_status tw_event_writer_add_histogram(tw_event_writer *writer, const char *tag, const tw_tensor *values,
                                        int64_t step, int64_t bins) TW_CHECK;

/** Hands all that was added to the system, so that TensorBoard sees it. */
tw_status tw_event_writer_flush(tw_event_writer *writer) TW_CHECK;

/** Writes what waits and ends the file; what is added later is TW_ERROR_STATE. Once more does nothing. */
tw_status tw_event_writer_close(tw_event_writer *writer) TW_CHECK;

/** The file's path, as tw_tensor_to_string writes text. */
tw_status tw_event_writer_path(const tw_event_writer *writer, char *text, size_t capacity, size_t *needed) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
