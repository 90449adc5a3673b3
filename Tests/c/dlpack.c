/* DLPack out and in: one memory, whoever goes first. */
#include <stddef.h>
#include <stdint.h>

/* The structs of dlpack.h 1.0 (https://github.com/dmlc/dlpack), as a program would have them that
   includes it before talweg.h. */
typedef struct {
    uint32_t major, minor;
} DLPackVersion;
typedef struct {
    int32_t device_type, device_id;
} DLDevice;
typedef struct {
    uint8_t code, bits;
    uint16_t lanes;
} DLDataType;
typedef struct {
    void *data;
    DLDevice device;
    int32_t ndim;
    DLDataType dtype;
    int64_t *shape, *strides;
    uint64_t byte_offset;
} DLTensor;
typedef struct DLManagedTensor {
    DLTensor dl_tensor;
    void *manager_ctx;
    void (*deleter)(struct DLManagedTensor *self);
} DLManagedTensor;
typedef struct DLManagedTensorVersioned {
    DLPackVersion version;
    void *manager_ctx;
    void (*deleter)(struct DLManagedTensorVersioned *self);
    uint64_t flags;
    DLTensor dl_tensor;
} DLManagedTensorVersioned;

#include "check.h"

static void the_layout_is_the_published_one(void) {
#define SAME(ours, our_field, theirs, field) \
    CHECK(offsetof(ours, our_field) == offsetof(theirs, field) && \
          sizeof ((ours *)0)->our_field == sizeof ((theirs *)0)->field)
    SAME(tw_dl_tensor, data, DLTensor, data);
    SAME(tw_dl_tensor, device, DLTensor, device);
    SAME(tw_dl_tensor, ndim, DLTensor, ndim);
    SAME(tw_dl_tensor, dtype, DLTensor, dtype);
    SAME(tw_dl_tensor, shape, DLTensor, shape);
    SAME(tw_dl_tensor, strides, DLTensor, strides);
    SAME(tw_dl_tensor, byte_offset, DLTensor, byte_offset);
    SAME(tw_dl_managed_tensor, tensor, DLManagedTensor, dl_tensor);
    SAME(tw_dl_managed_tensor, context, DLManagedTensor, manager_ctx);
    SAME(tw_dl_managed_tensor, deleter, DLManagedTensor, deleter);
    SAME(tw_dl_managed_tensor_versioned, major, DLManagedTensorVersioned, version.major);
    SAME(tw_dl_managed_tensor_versioned, minor, DLManagedTensorVersioned, version.minor);
    SAME(tw_dl_managed_tensor_versioned, context, DLManagedTensorVersioned, manager_ctx);
    SAME(tw_dl_managed_tensor_versioned, deleter, DLManagedTensorVersioned, deleter);
    SAME(tw_dl_managed_tensor_versioned, flags, DLManagedTensorVersioned, flags);
    SAME(tw_dl_managed_tensor_versioned, tensor, DLManagedTensorVersioned, dl_tensor);
    CHECK(sizeof(tw_dl_tensor) == sizeof(DLTensor));
}

static const void *address_of(const tw_tensor *tensor) {
    const void *data = NULL;
    OK(tw_tensor_data(tensor, &data));
    return data;
}

static void out_without_a_copy(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 3, 1, 2, 3, 4, 5, 6);
    DLManagedTensorVersioned *m = NULL;
    if (OK(tw_tensor_to_dlpack_versioned(a, &m))) {
        CHECK(m->version.major == 1 && m->flags == 0);
        CHECK(m->dl_tensor.data == address_of(a) && m->dl_tensor.byte_offset == 0);
        CHECK(m->dl_tensor.device.device_type == 1 && m->dl_tensor.device.device_id == 0);
        CHECK(m->dl_tensor.dtype.code == 2 && m->dl_tensor.dtype.bits == 64 && m->dl_tensor.dtype.lanes == 1);
        CHECK(m->dl_tensor.ndim == 2 && m->dl_tensor.shape[0] == 2 && m->dl_tensor.shape[1] == 3);
        CHECK(m->dl_tensor.strides[0] == 3 && m->dl_tensor.strides[1] == 1);
        m->deleter(m);
    }
    /* Strides go along: a reversed slice begins at its own first element. */
    tw_tensor *b = tw_slice(s, tw_transpose(s, a, 0, 1), 0, INT64_MAX, INT64_MIN, -2);
    DLManagedTensor *old = NULL;
    if (OK(tw_tensor_to_dlpack(b, &old))) {
        CHECK(old->dl_tensor.shape[0] == 2 && old->dl_tensor.shape[1] == 2);
        CHECK(old->dl_tensor.strides[0] == -2 && old->dl_tensor.strides[1] == 3);
        CHECK(*(double *)old->dl_tensor.data == 3);
        old->deleter(old);
    }
    tw_scope_free(s);
}

static void types_go_out(void) {
    const struct {
        tw_dtype dtype;
        int code, bits;
    } rows[] = {
        {TW_FLOAT16, TW_DL_FLOAT, 16}, {TW_FLOAT32, TW_DL_FLOAT, 32},   {TW_FLOAT64, TW_DL_FLOAT, 64},
        {TW_INT8, TW_DL_INT, 8},       {TW_INT16, TW_DL_INT, 16},       {TW_INT32, TW_DL_INT, 32},
        {TW_INT64, TW_DL_INT, 64},     {TW_UINT8, TW_DL_UINT, 8},       {TW_UINT16, TW_DL_UINT, 16},
        {TW_UINT32, TW_DL_UINT, 32},   {TW_UINT64, TW_DL_UINT, 64},     {TW_BOOL, TW_DL_BOOL, 8},
        {TW_BFLOAT16, TW_DL_BFLOAT, 16},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
        tw_tensor *a = tw_ones(NULL, SIZES(2), rows[i].dtype);
        DLManagedTensorVersioned *m = NULL;
        if (OK(tw_tensor_to_dlpack_versioned(a, &m))) {
            CHECK(m->dl_tensor.dtype.code == rows[i].code && m->dl_tensor.dtype.bits == rows[i].bits);
            tw_tensor *b = tw_tensor_from_dlpack_versioned(NULL, m);
            CHECK(dtype_of(b) == rows[i].dtype && address_of(b) == address_of(a));
            tw_release(b);
        }
        tw_release(a);
    }
}

static void the_elements_outlive_either_side(void) {
    for (int first = 0; first < 2; ++first) {
        tw_memory_statistics before = TW_MEMORY_STATISTICS_INIT, with = TW_MEMORY_STATISTICS_INIT,
                             after = TW_MEMORY_STATISTICS_INIT;
        OK(tw_memory_stats(&before));
        tw_tensor *a = tw_full(NULL, SIZES(1000), 7, TW_FLOAT64);
        OK(tw_memory_stats(&with));
        DLManagedTensorVersioned *m = NULL;
        if (!OK(tw_tensor_to_dlpack_versioned(a, &m))) return;
        if (first == 0) {
            tw_release(a);
            CHECK(((double *)m->dl_tensor.data)[999] == 7);
            m->deleter(m);
        } else {
            m->deleter(m);
            const double *data = address_of(a);
            CHECK(data[0] == 7 && data[999] == 7);
            tw_release(a);
        }
        OK(tw_memory_stats(&after));
        CHECK(with.bytes_in_use > before.bytes_in_use);
        CHECK(after.bytes_in_use == before.bytes_in_use);
    }
}

static void a_round_trip_ends_whichever_goes_first(void) {
    for (int order = 0; order < 2; ++order) {
        tw_tensor *a = tw_full(NULL, SIZES(3), 2, TW_FLOAT32), *b = NULL;
        DLManagedTensor *m = NULL;
        if (OK(tw_tensor_to_dlpack(a, &m))) b = tw_tensor_from_dlpack(NULL, m);
        CHECK(address_of(a) == address_of(b));
        tw_tensor *rest = order ? a : b;
        tw_release(order ? b : a);
        VALUES(rest, 0, 2, 2, 2);
        tw_release(rest);
    }
}

/* ---- A producer of ours -------------------------------------------------- */

static double foreign_data[6] = {0, 1, 2, 3, 4, 5};
static int64_t foreign_shape[9] = {2, 3, 1, 1, 1, 1, 1, 1, 1}, foreign_strides[9] = {3, 1, 1, 1, 1, 1, 1, 1, 1};
static int deleted;

static void count_deletion(DLManagedTensorVersioned *self) {
    (void)self;
    ++deleted;
}

static void count_old_deletion(DLManagedTensor *self) {
    (void)self;
    ++deleted;
}

static DLManagedTensorVersioned foreign(void) {
    deleted = 0;
    DLManagedTensorVersioned m = {{1, 3}, NULL, count_deletion, 0,
                                  {foreign_data, {1, 0}, 2, {2, 64, 1}, foreign_shape, foreign_strides, 0}};
    return m;
}

static void in_without_a_copy(void) {
    DLManagedTensorVersioned m = foreign();
    tw_tensor *a = tw_tensor_from_dlpack_versioned(NULL, &m);
    CHECK(address_of(a) == foreign_data);
    SHAPE(a, 2, 3);
    VALUES(a, 0, 0, 1, 2, 3, 4, 5);
    foreign_data[5] = 50;
    VALUES(a, 0, 0, 1, 2, 3, 4, 50);
    foreign_data[5] = 5;
    tw_tensor *row = tw_select(NULL, a, 0, 1);
    tw_release(a);
    CHECK(deleted == 0); /* a view of it lives */
    VALUES(row, 0, 3, 4, 5);
    tw_release(row);
    CHECK(deleted == 1);
}

static void in_with_other_layouts(void) {
    tw_scope *s = tw_scope_new();
    DLManagedTensorVersioned m = foreign();
    m.dl_tensor.strides = NULL; /* row-major */
    VALUES(tw_tensor_from_dlpack_versioned(s, &m), 0, 0, 1, 2, 3, 4, 5);
    int64_t reversed[] = {-3, -1};
    DLManagedTensorVersioned r = foreign();
    r.dl_tensor.strides = reversed;
    r.dl_tensor.byte_offset = 5 * sizeof(double);
    VALUES(tw_tensor_from_dlpack_versioned(s, &r), 0, 5, 4, 3, 2, 1, 0);
    DLManagedTensorVersioned zero_d = foreign();
    zero_d.dl_tensor.ndim = 0;
    zero_d.dl_tensor.shape = zero_d.dl_tensor.strides = NULL;
    zero_d.dl_tensor.byte_offset = 4 * sizeof(double);
    tw_tensor *scalar = tw_tensor_from_dlpack_versioned(s, &zero_d);
    SCALAR_SHAPE(scalar);
    VALUES(scalar, 0, 4);
    int64_t none[] = {0, 3};
    DLManagedTensorVersioned empty = foreign();
    empty.dl_tensor.shape = none;
    empty.dl_tensor.data = NULL;
    SHAPE(tw_tensor_from_dlpack_versioned(s, &empty), 0, 3);
    CHECK(deleted == 1); /* nothing to share: given back at once */
    DLManagedTensor old = {foreign().dl_tensor, NULL, count_old_deletion};
    VALUES(tw_tensor_from_dlpack(s, &old), 0, 0, 1, 2, 3, 4, 5);
    DLManagedTensorVersioned undeleted = foreign();
    undeleted.deleter = NULL;
    VALUES(tw_tensor_from_dlpack_versioned(s, &undeleted), 0, 0, 1, 2, 3, 4, 5);
    CHECK(tw_scope_status(s) == TW_OK);
    deleted = 0;
    tw_scope_free(s);
    CHECK(deleted == 4);
}

static void read_only_elements_are_copied(void) {
    DLManagedTensorVersioned m = foreign();
    m.flags = TW_DL_READ_ONLY;
    tw_tensor *a = tw_tensor_from_dlpack_versioned(NULL, &m);
    CHECK(deleted == 1 && address_of(a) != foreign_data);
    OK(tw_tensor_assign(a, a));
    void *own = NULL;
    OK(tw_tensor_mutable_data(a, &own));
    ((double *)own)[0] = 9;
    CHECK(foreign_data[0] == 0);
    VALUES(a, 0, 9, 1, 2, 3, 4, 5);
    tw_release(a);
    CHECK(deleted == 1);
}

static void what_is_refused_stays_the_callers(void) {
    REFUSES(TW_ERROR_NULL, tw_tensor_from_dlpack_versioned(NULL, NULL));
    REFUSES(TW_ERROR_NULL, tw_tensor_from_dlpack(NULL, NULL));
#define BAD(status, change)                                             \
    do {                                                                \
        DLManagedTensorVersioned m = foreign();                         \
        change;                                                         \
        REFUSES(status, tw_tensor_from_dlpack_versioned(NULL, &m));     \
        CHECK(deleted == 0);                                            \
        DLManagedTensor old = {m.dl_tensor, NULL, count_old_deletion};  \
        if (m.version.major == 1) {                                     \
            REFUSES(status, tw_tensor_from_dlpack(NULL, &old));         \
            CHECK(deleted == 0);                                        \
        }                                                               \
    } while (0)
    int64_t negative[] = {2, -3}, huge[] = {INT64_MAX, INT64_MAX}, far[] = {INT64_MAX, 1};
    BAD(TW_ERROR_UNSUPPORTED, m.version.major = 2);
    BAD(TW_ERROR_UNSUPPORTED, m.version.major = 0);
    BAD(TW_ERROR_UNSUPPORTED, m.dl_tensor.device.device_type = 2);
    BAD(TW_ERROR_UNSUPPORTED, m.dl_tensor.device.device_type = -1);
    BAD(TW_ERROR_DTYPE, m.dl_tensor.dtype.code = TW_DL_COMPLEX);
    BAD(TW_ERROR_DTYPE, m.dl_tensor.dtype.code = 255);
    BAD(TW_ERROR_DTYPE, m.dl_tensor.dtype.bits = 63);
    BAD(TW_ERROR_DTYPE, m.dl_tensor.dtype.lanes = 4);
    BAD(TW_ERROR_DTYPE, m.dl_tensor.dtype.lanes = 0);
    BAD(TW_ERROR_SHAPE, m.dl_tensor.ndim = -1);
    BAD(TW_ERROR_SHAPE, m.dl_tensor.ndim = 9);
    BAD(TW_ERROR_SHAPE, m.dl_tensor.shape = negative);
    BAD(TW_ERROR_SHAPE, m.dl_tensor.shape = huge);
    BAD(TW_ERROR_INVALID_ARGUMENT, m.dl_tensor.strides = far);
    BAD(TW_ERROR_INVALID_ARGUMENT, m.dl_tensor.byte_offset = 1);
    BAD(TW_ERROR_INVALID_ARGUMENT, m.dl_tensor.byte_offset = UINT64_MAX);
    BAD(TW_ERROR_NULL, m.dl_tensor.data = NULL);
    BAD(TW_ERROR_NULL, m.dl_tensor.shape = NULL);
}

static void what_cannot_go_out(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = VECTOR(s, 1, 2);
    OK(tw_tensor_set_requires_grad(a, true));
    DLManagedTensorVersioned *m = NULL;
    DLManagedTensor *old = NULL;
    FAILS_SAYING(TW_ERROR_STATE, "detach", tw_tensor_to_dlpack_versioned(a, &m));
    FAILS(TW_ERROR_STATE, tw_tensor_to_dlpack(tw_square(s, a), &old));
    FAILS(TW_ERROR_NULL, tw_tensor_to_dlpack_versioned(NULL, &m));
    FAILS(TW_ERROR_NULL, tw_tensor_to_dlpack_versioned(tw_detach(s, a), NULL));
    FAILS(TW_ERROR_INVALID_HANDLE, tw_tensor_to_dlpack((const tw_tensor *)(uintptr_t)0x42, &old));
    CHECK(m == NULL && old == NULL);
    if (OK(tw_tensor_to_dlpack(tw_detach(s, a), &old))) old->deleter(old);
    tw_scope_free(s);
}

int main(void) {
    RUN(the_layout_is_the_published_one);
    RUN(out_without_a_copy);
    RUN(types_go_out);
    RUN(the_elements_outlive_either_side);
    RUN(a_round_trip_ends_whichever_goes_first);
    RUN(in_without_a_copy);
    RUN(in_with_other_layouts);
    RUN(read_only_elements_are_copied);
    RUN(what_is_refused_stays_the_callers);
    RUN(what_cannot_go_out);
    return check_report();
}
