/**
 * @file io.h
 * Files: safetensors and CSV. A file that is written is replaced atomically
 * (written beside, flushed, renamed): it is the old one or the whole new one.
 */
#ifndef TALWEG_IO_H
#define TALWEG_IO_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Writes `count` named tensors to a safetensors file. Names are unique. */
tw_status tw_safetensors_save(const char *path, const char *const *names, const tw_tensor *const *tensors,
                              int64_t count) TW_CHECK;

/** An opened safetensors file. */
typedef struct tw_safetensors tw_safetensors;

/** Opens a file and checks its header: TW_ERROR_IO if it cannot be read,
    TW_ERROR_FORMAT with the reason if it is malformed or truncated. */
tw_status tw_safetensors_open(const char *path, tw_safetensors **file) TW_CHECK;
/** Closes it. NULL is accepted. */
void tw_safetensors_free(tw_safetensors *file);
/** How many tensors it holds. */
tw_status tw_safetensors_count(const tw_safetensors *file, int64_t *count) TW_CHECK;
/** The name of tensor number `index`, in the file's order, as tw_tensor_to_string writes text. */
tw_status tw_safetensors_name(const tw_safetensors *file, int64_t index, char *text, size_t capacity,
                              size_t *needed) TW_CHECK;
/** The tensor of that name. TW_ERROR_INDEX if there is none, TW_ERROR_DTYPE if its
    type is one that this version has not. */
tw_tensor *tw_safetensors_tensor(tw_scope *scope, const tw_safetensors *file, const char *name);

typedef struct tw_csv_options {
    size_t struct_size;
    /** Between the fields. */
    char delimiter;
    /** Lines to leave out at the start. */
    int64_t skip_lines;
    /** TW_FLOAT32 or TW_FLOAT64. */
    tw_dtype dtype;
} tw_csv_options;

#define TW_CSV_OPTIONS_INIT {sizeof(tw_csv_options), ',', 0, TW_FLOAT64}

/** Reads a file of numbers as [rows, columns]; empty fields are NaN, empty lines
    are left out. TW_ERROR_FORMAT names line and column of what is no number, and
    lines of unequal length. */
tw_tensor *tw_csv_read(tw_scope *scope, const char *path, const tw_csv_options *options);

/** Writes a tensor of rank 1 (a column) or 2, with as many digits as its dtype needs
    to be read back exactly. */
tw_status tw_csv_write(const char *path, const tw_tensor *tensor, const tw_csv_options *options) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
