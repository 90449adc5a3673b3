/* Attention. The oracle is the definition, in plain loops. */
#include "check.h"

enum { B = 2, H = 4, HK = 2, T = 5, S = 7, D = 3, E = 2 };

static void fill(double *x, size_t count, double phase) {
    for (size_t i = 0; i < count; ++i) x[i] = sin(1.7 * (double)i + phase);
}

/* allowed(b, i, j) != 0: query i of batch b attends to key j. */
static void expected(const double *q, const double *k, const double *v, int (*allowed)(int, int, int), double *out) {
    for (int b = 0; b < B; ++b)
        for (int h = 0; h < H; ++h)
            for (int i = 0; i < T; ++i) {
                double weights[S], total = 0;
                int shared = h / (H / HK);
                for (int j = 0; j < S; ++j) {
                    double score = 0;
                    for (int d = 0; d < D; ++d)
                        score += q[((b * H + h) * T + i) * D + d] * k[((b * HK + shared) * S + j) * D + d];
                    weights[j] = allowed(b, i, j) ? exp(score / sqrt(D)) : 0;
                    total += weights[j];
                }
                for (int e = 0; e < E; ++e) {
                    double sum = 0;
                    for (int j = 0; j < S; ++j) sum += weights[j] * v[((b * HK + shared) * S + j) * E + e];
                    out[((b * H + h) * T + i) * E + e] = total > 0 ? sum / total : 0;
                }
            }
}

static int everything(int b, int i, int j) { return (void)b, (void)i, (void)j, 1; }
static int causal(int b, int i, int j) { return (void)b, j <= i + S - T; }
static int padded(int b, int i, int j) { return (void)i, j < S - 2 * b; }
static int masked(int b, int i, int j) { return (void)b, i != 2 && (i + j) % 3 != 0; }

static void values(void) {
    double q[B * H * T * D], k[B * HK * S * D], v[B * HK * S * E], out[B * H * T * E], found[B * H * T * E];
    fill(q, sizeof q / sizeof *q, 0);
    fill(k, sizeof k / sizeof *k, 1);
    fill(v, sizeof v / sizeof *v, 2);
    bool padding[B * S], mask[T * S];
    for (int b = 0; b < B; ++b)
        for (int j = 0; j < S; ++j) padding[b * S + j] = padded(b, 0, j);
    for (int i = 0; i < T; ++i)
        for (int j = 0; j < S; ++j) mask[i * S + j] = masked(0, i, j);
    tw_scope *s = tw_scope_new();
    tw_tensor *tq = tw_tensor_from_data(s, q, TW_FLOAT64, SIZES(B, H, T, D));
    tw_tensor *tk = tw_tensor_from_data(s, k, TW_FLOAT64, SIZES(B, HK, S, D));
    tw_tensor *tv = tw_tensor_from_data(s, v, TW_FLOAT64, SIZES(B, HK, S, E));
    int (*const cases[])(int, int, int) = {everything, causal, padded, masked};
    for (int c = 0; c < 4; ++c) {
        tw_attention_options options = TW_ATTENTION_OPTIONS_INIT;
        options.causal = c == 1;
        if (c == 2) options.key_mask = tw_tensor_from_data(s, padding, TW_BOOL, SIZES(B, S));
        if (c == 3) options.mask = tw_tensor_from_data(s, mask, TW_BOOL, SIZES(T, S));
        expected(q, k, v, cases[c], out);
        OK(tw_tensor_to_double(tw_attention(s, tq, tk, tv, c ? &options : NULL), found, B * H * T * E));
        for (int i = 0; i < B * H * T * E; ++i) NEAR(found[i], out[i], 1e-14);
    }
    CHECK(tw_scope_status(s) == TW_OK);
    tw_scope_free(s);
}

/* One key: the weight is 1, so the output is v, and q and k have no gradient. */
static void gradients(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *projection = tw_full(s, SIZES(1, 1, 6), 0.5, TW_FLOAT64);
    OK(tw_tensor_set_requires_grad(projection, true));
    tw_tensor *y = tw_self_attention(s, projection, 1, 1, NULL);
    VALUES(tw_reshape(s, y, SIZES(2)), 1e-15, 0.5, 0.5);
    OK(tw_backward(s, tw_sum(s, y, NULL, 0, false)));
    VALUES(tw_reshape(s, tw_tensor_grad(s, projection), SIZES(6)), 1e-15, 0, 0, 0, 0, 1, 1);
    tw_scope_free(s);
}

static void bad_input(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = tw_ones(s, SIZES(1, 2, 3, 4), TW_FLOAT32), *y = tw_ones(s, SIZES(1, 2, 3, 5), TW_FLOAT32);
    tw_attention_options options = TW_ATTENTION_OPTIONS_INIT;
    REFUSES(TW_ERROR_SHAPE, tw_attention(s, x, y, x, NULL));
    REFUSES(TW_ERROR_NULL, tw_attention(s, x, NULL, x, NULL));
    REFUSES(TW_ERROR_DTYPE, tw_attention(s, x, x, tw_cast(s, x, TW_FLOAT64), NULL));
    options.dropout = 1.5;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_attention(s, x, x, x, &options));
    options.dropout = 0;
    options.struct_size = 1;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_attention(s, x, x, x, &options));
    REFUSES(TW_ERROR_SHAPE, tw_self_attention(s, x, 2, 2, NULL));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_self_attention(s, tw_ones(s, SIZES(1, 2, 12), TW_FLOAT32), 2, 0, NULL));
    tw_scope_free(s);
}

int main(void) {
    RUN(values);
    RUN(gradients);
    RUN(bad_input);
    return check_report();
}
