/* bfloat16 as a dtype: what its 65,536 patterns mean, what becomes of it beside other dtypes, and files of it. */
#include "check.h"
#include <unistd.h>

static char folder[] = "/tmp/talweg-bfloat16-XXXXXX";

/* The pattern is the upper half of a float's. */
static float value_of(uint16_t pattern) {
    uint32_t bits = (uint32_t)pattern << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static tw_tensor *every_pattern(tw_scope *s) {
    static uint16_t patterns[65536];
    for (int i = 0; i < 65536; ++i) patterns[i] = (uint16_t)i;
    return tw_tensor_from_data(s, patterns, TW_BFLOAT16, SIZES(65536));
}

static void is_a_dtype(void) {
    CHECK(tw_dtype_size(TW_BFLOAT16) == 2);
    TEXT(tw_dtype_name(TW_BFLOAT16), "bfloat16");
}

static void every_value_there_and_back(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *all = every_pattern(s);
    static double found[65536];
    OK(tw_tensor_to_double(all, found, 65536));
    int wrong = 0;
    for (int i = 0; i < 65536; ++i) {
        float expected = value_of((uint16_t)i);
        wrong += isnan(expected) ? !isnan(found[i]) : found[i] != expected || !signbit(found[i]) != !signbit(expected);
    }
    CHECK(wrong == 0);
    /* NaN keeps its pattern too, but for one that signals. */
    static uint16_t back[65536];
    OK(tw_tensor_copy_to(tw_cast(s, tw_cast(s, all, TW_FLOAT32), TW_BFLOAT16), back, sizeof back));
    for (int i = 0; i < 65536; ++i) wrong += back[i] != i && !(isnan(value_of((uint16_t)i)) && back[i] == (i | 0x40));
    CHECK(wrong == 0);
    tw_scope_free(s);
}

static void rounds_to_the_nearest_even(void) {
    tw_scope *s = tw_scope_new();
    /* Neighbours of 1 are 1 - 2^-8 and 1 + 2^-7; beyond 2^128 (1 - 2^-9) it is infinity. */
    tw_tensor *x = VECTOR(s, 1 + 0x1p-8, 1 + 3 * 0x1p-8, 1 + 0x1.0001p-8, 0x1p128 * (1 - 0x1p-9), 3.39e38, -1e300, 1e-300,
                          16777217.0);
    VALUES(tw_cast(s, x, TW_BFLOAT16), 0, 1, 1 + 0x1p-6, 1 + 0x1p-7, INFINITY, 0x1.fep127, -INFINITY, 0, 16777216);
    VALUES(tw_cast(s, INTEGERS(s, 257, 259, 0x4040000000000001), TW_BFLOAT16), 0, 256, 260, 0x1.02p62);
    VALUES(tw_cast(s, tw_cast(s, VECTOR(s, -2.5, 300, NAN), TW_BFLOAT16), TW_UINT8), 0, 0, 255, 0);
    tw_scope_free(s);
}

static void promotes(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *b = tw_ones(s, SIZES(2), TW_BFLOAT16);
    CHECK(dtype_of(tw_add(s, b, tw_ones(s, SIZES(2), TW_INT64))) == TW_BFLOAT16);
    CHECK(dtype_of(tw_add(s, tw_ones(s, SIZES(2), TW_BOOL), b)) == TW_BFLOAT16);
    CHECK(dtype_of(tw_add(s, b, tw_ones(s, SIZES(2), TW_FLOAT32))) == TW_FLOAT32);
    CHECK(dtype_of(tw_add(s, tw_ones(s, SIZES(2), TW_FLOAT64), b)) == TW_FLOAT64);
    CHECK(dtype_of(tw_exp(s, b)) == TW_BFLOAT16);
    CHECK(dtype_of(tw_add_scalar(s, b, 0.5)) == TW_BFLOAT16);
    CHECK(tw_scope_status(s) == TW_OK);
    tw_scope_free(s);
}

static void moves_and_arithmetic(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = tw_cast(s, MATRIX(s, 2, 3, 1, 2, 3, 4, 5, 6), TW_BFLOAT16);
    VALUES(tw_copy(s, tw_transpose(s, a, 0, 1)), 0, 1, 4, 2, 5, 3, 6);
    VALUES(tw_where(s, tw_greater(s, a, tw_scalar(s, 3, TW_BFLOAT16)), a, tw_scalar(s, 0, TW_BFLOAT16)), 0, 0, 0, 0, 4, 5, 6);
    VALUES(tw_add(s, a, a), 0, 2, 4, 6, 8, 10, 12);
    VALUES(tw_full(s, SIZES(3), 1.25, TW_BFLOAT16), 0, 1.25, 1.25, 1.25);
    VALUES(tw_sum(s, a, (const int64_t[]){0}, 1, false), 0, 5, 7, 9);
    VALUES(tw_arange(s, 0, 4, 1, TW_BFLOAT16), 0, 0, 1, 2, 3);
    char text[64];
    OK(tw_tensor_to_string(a, text, sizeof text, NULL));
    TEXT(text, "[[1. 2. 3.]\n [4. 5. 6.]]");
    CHECK(tw_scope_status(s) == TW_OK);
    tw_scope_free(s);
}

static void gradients_pass_a_cast(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *w = tw_cast(s, VECTOR(s, 1, 2), TW_FLOAT32);
    OK(tw_tensor_set_requires_grad(w, true));
    tw_tensor *half = tw_cast(s, w, TW_BFLOAT16);
    OK(tw_backward(s, tw_sum(s, tw_multiply(s, half, half), NULL, 0, false)));
    tw_tensor *gradient = tw_tensor_grad(s, w);
    CHECK(dtype_of(gradient) == TW_FLOAT32);
    VALUES(gradient, 0, 2, 4);
    tw_scope_free(s);
}

static void files(void) {
    tw_scope *s = tw_scope_new();
    char path[128];
    snprintf(path, sizeof path, "%s/a.safetensors", folder);
    const char *names[] = {"all", "byte", "wide"};
    const tw_tensor *tensors[] = {every_pattern(s), tw_ones(s, SIZES(3), TW_UINT8), tw_ones(s, SIZES(3), TW_FLOAT32)};
    OK(tw_safetensors_save(path, names, tensors, 3));
    tw_safetensors *file = NULL;
    OK(tw_safetensors_open(path, &file));
    for (int i = 0; i < 3; ++i) CHECK(same_bytes(tw_safetensors_tensor(s, file, names[i]), tensors[i]));
    tw_safetensors_free(file);
    /* As the format spells it: two elements, 1 and -2, little-endian. */
    const char header[] = "{\"h\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]}}";
    const unsigned char length[8] = {sizeof header - 1}, data[4] = {0x80, 0x3f, 0x00, 0xc0};
    FILE *out = fopen(path, "wb");
    if (!CHECK(out != NULL)) return;
    CHECK(fwrite(length, 1, 8, out) == 8 && fwrite(header, 1, sizeof header - 1, out) == sizeof header - 1);
    CHECK(fwrite(data, 1, 4, out) == 4 && fclose(out) == 0);
    OK(tw_safetensors_open(path, &file));
    tw_tensor *h = tw_safetensors_tensor(s, file, "h");
    CHECK(dtype_of(h) == TW_BFLOAT16);
    VALUES(h, 0, 1, -2);
    tw_safetensors_free(file);
    remove(path);
    tw_scope_free(s);
}

static void refusals(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *w = tw_ones(s, SIZES(2), TW_BFLOAT16);
    OK(tw_tensor_set_requires_grad(w, true));
    tw_optimizer *optimizer = NULL;
    OK(tw_sgd_new(NULL, &optimizer));
    FAILS_SAYING(TW_ERROR_DTYPE, "bfloat16", tw_optimizer_add(optimizer, w));
    tw_optimizer_free(optimizer);
    tw_scope_free(s);
}

int main(void) {
    CHECK(mkdtemp(folder) != NULL);
    RUN(is_a_dtype);
    RUN(every_value_there_and_back);
    RUN(rounds_to_the_nearest_even);
    RUN(promotes);
    RUN(moves_and_arithmetic);
    RUN(gradients_pass_a_cast);
    RUN(files);
    RUN(refusals);
    rmdir(folder);
    return check_report();
}
