/* Norms, embeddings, losses with options and clipping, against values worked out by hand. */
#include "check.h"

static void layer_norm(void) {
    tw_scope *s = tw_scope_new();
    /* Mean 2, variance 2/3; and mean 5, variance 6. */
    tw_tensor *x = MATRIX(s, 2, 3, 1, 2, 3, 2, 5, 8);
    double a = 1 / sqrt(2.0 / 3), b = 3 / sqrt(6.0);
    VALUES(tw_layer_norm(s, x, NULL, NULL, 0), 1e-14, -a, 0, a, -b, 0, b);
    tw_tensor *weight = VECTOR(s, 1, 2, 3), *bias = VECTOR(s, 0, 10, 100);
    VALUES(tw_layer_norm(s, x, weight, bias, 0), 1e-13, -a, 10, 100 + 3 * a, -b, 10, 100 + 3 * b);
    tw_tensor *half = tw_multiply_scalar(s, x, 0.5);
    VALUES(tw_add_layer_norm(s, half, half, weight, bias, 0), 1e-13, -a, 10, 100 + 3 * a, -b, 10, 100 + 3 * b);
    /* Mean squares 14/3 and 31. */
    double c = 1 / sqrt(14.0 / 3), d = 1 / sqrt(31.0);
    VALUES(tw_rms_norm(s, x, NULL, 0), 1e-14, c, 2 * c, 3 * c, 2 * d, 5 * d, 8 * d);
    OK(tw_scope_status(s));
    REFUSES(TW_ERROR_SHAPE, tw_layer_norm(NULL, x, VECTOR(s, 1, 2), NULL, 0));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_rms_norm(NULL, x, NULL, -1));
    REFUSES(TW_ERROR_NULL, tw_layer_norm(NULL, NULL, NULL, NULL, 0));
    REFUSES(TW_ERROR_NULL, tw_add_layer_norm(NULL, x, NULL, NULL, NULL, 0));
    tw_scope_free(s);
}

static void batch_norm(void) {
    tw_scope *s = tw_scope_new();
    /* Channels 1, 3, 5 and 2, 4, 9: means 3 and 5, variances 8/3 and 26/3. */
    tw_tensor *x = MATRIX(s, 3, 2, 1, 2, 3, 4, 5, 9);
    tw_tensor *mean = VECTOR(s, 0, 1), *variance = VECTOR(s, 1, 1);
    tw_batch_norm_options options = TW_BATCH_NORM_OPTIONS_INIT;
    options.epsilon = 0;
    options.momentum = 0.5;
    double a = 2 / sqrt(8.0 / 3), b = 1 / sqrt(26.0 / 3);
    VALUES(tw_batch_norm(s, x, NULL, NULL, mean, variance, &options), 1e-14, -a, -3 * b, 0, -b, a, 4 * b);
    VALUES(mean, 1e-14, 1.5, 3);
    VALUES(variance, 1e-14, 2.5, 7);
    options.relu = true;
    VALUES(tw_batch_norm(s, x, NULL, NULL, NULL, NULL, &options), 1e-14, 0, 0, 0, 0, a, 4 * b);
    options.residual = x;
    VALUES(tw_batch_norm(s, x, NULL, VECTOR(s, -9, 0), NULL, NULL, &options), 1e-14, 0, fmax(0, 2 - 3 * b), 0, 4 - b, 0,
           9 + 4 * b);
    options = (tw_batch_norm_options)TW_BATCH_NORM_OPTIONS_INIT;
    options.training = false;
    options.epsilon = 0;
    VALUES(tw_batch_norm(s, x, NULL, NULL, VECTOR(s, 1, 2), VECTOR(s, 4, 1), &options), 1e-14, 0, 0, 1, 2, 2, 7);
    OK(tw_scope_status(s));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_batch_norm(NULL, x, NULL, NULL, NULL, NULL, &options));
    REFUSES(TW_ERROR_SHAPE, tw_batch_norm(NULL, x, VECTOR(s, 1), NULL, NULL, NULL, NULL));
    REFUSES(TW_ERROR_SHAPE, tw_batch_norm(NULL, MATRIX(s, 1, 2, 1, 2), NULL, NULL, NULL, NULL, NULL));
    tw_scope_free(s);
}

static void embedding(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *table = MATRIX(s, 3, 2, 1, 2, 3, 4, 5, 6);
    OK(tw_tensor_set_requires_grad(table, true));
    tw_tensor *y = tw_embedding(s, table, INTEGERS(s, 2, 0, 2));
    VALUES(y, 0, 5, 6, 1, 2, 5, 6);
    OK(tw_backward(s, tw_sum(s, y, NULL, 0, false)));
    VALUES(tw_tensor_grad(s, table), 0, 1, 1, 0, 0, 2, 2);
    REFUSES(TW_ERROR_INDEX, tw_embedding(NULL, table, INTEGERS(s, 3)));
    REFUSES(TW_ERROR_INDEX, tw_embedding(NULL, table, INTEGERS(s, -1)));
    REFUSES(TW_ERROR_SHAPE, tw_embedding(NULL, VECTOR(s, 1), INTEGERS(s, 0)));
    REFUSES(TW_ERROR_DTYPE, tw_embedding(NULL, table, VECTOR(s, 1)));
    tw_scope_free(s);
}

static void activations(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, -2, 0, 1);
    VALUES(tw_silu(s, x), 1e-14, -2 / (1 + exp(2)), 0, 1 / (1 + exp(-1)));
    double u = sqrt(2 / 3.14159265358979323846);
    VALUES(tw_gelu_tanh(s, x), 1e-14, -(1 + tanh(u * (-2 - 0.044715 * 8))), 0, (1 + tanh(u * 1.044715)) / 2);
    VALUES(tw_leaky_relu(s, x, 0.1), 1e-15, -0.2, 0, 1);
    VALUES(tw_elu(s, x, 2), 1e-14, 2 * (exp(-2) - 1), 0, 1);
    OK(tw_scope_status(s));
    tw_scope_free(s);
}

static void cross_entropy(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = MATRIX(s, 2, 2, 0, log(3.0), 0, 0);
    /* Softmax 1/4, 3/4 and 1/2, 1/2. */
    tw_cross_entropy_options options = TW_CROSS_ENTROPY_OPTIONS_INIT;
    VALUES(tw_cross_entropy_loss_with(s, x, INTEGERS(s, 1, 0), NULL), 1e-14, (log(4.0 / 3) + log(2.0)) / 2);
    VALUES(tw_cross_entropy_loss_with(s, x, INTEGERS(s, 1, -100), &options), 1e-14, log(4.0 / 3));
    VALUES(tw_cross_entropy_loss_with(s, x, INTEGERS(s, -100, -100), &options), 0, NAN);
    options.label_smoothing = 0.5;
    VALUES(tw_cross_entropy_loss_with(s, x, INTEGERS(s, 1, -100), &options), 1e-14,
           0.75 * log(4.0 / 3) + 0.25 * log(4.0));
    REFUSES(TW_ERROR_INDEX, tw_cross_entropy_loss(NULL, x, INTEGERS(s, 1, -100)));
    options.label_smoothing = -1;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_cross_entropy_loss_with(NULL, x, INTEGERS(s, 1, 0), &options));
    tw_scope_free(s);
}

static void clipping(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *p[] = {VECTOR(s, 0, 0), VECTOR(s, 0), VECTOR(s, 0)};
    for (int i = 0; i < 3; ++i) OK(tw_tensor_set_requires_grad(p[i], true));
    OK(tw_tensor_set_grad(p[0], VECTOR(s, 3, 0)));
    OK(tw_tensor_set_grad(p[1], VECTOR(s, 4)));
    double norm = 0;
    OK(tw_clip_grad_norm(p, 3, 10, &norm));
    NEAR(norm, 5, 1e-14);
    VALUES(tw_tensor_grad(s, p[1]), 0, 4);
    tw_sgd_options options = TW_SGD_OPTIONS_INIT;
    options.learning_rate = 1;
    options.max_norm = 1;
    tw_optimizer *optimizer = NULL;
    OK(tw_sgd_new(&options, &optimizer));
    for (int i = 0; i < 3; ++i) OK(tw_optimizer_add(optimizer, p[i]));
    OK(tw_optimizer_step(optimizer));
    VALUES(p[0], 1e-6, -0.6, 0);
    VALUES(p[1], 1e-6, -0.8);
    VALUES(tw_tensor_grad(s, p[1]), 0, 4);
    OK(tw_clip_grad_norm(p, 3, 1, NULL));
    VALUES(tw_tensor_grad(s, p[0]), 1e-6, 0.6, 0);
    OK(tw_tensor_set_grad(p[1], VECTOR(s, NAN)));
    FAILS(TW_ERROR_NUMERIC, tw_optimizer_step(optimizer));
    FAILS(TW_ERROR_NUMERIC, tw_clip_grad_norm(p, 3, 1, &norm));
    VALUES(p[0], 1e-6, -0.6, 0);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_clip_grad_norm(p, 3, 0, &norm));
    FAILS(TW_ERROR_NULL, tw_clip_grad_norm(NULL, 3, 1, &norm));
    options.max_norm = -1;
    tw_optimizer *refused = NULL;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_sgd_new(&options, &refused));
    tw_optimizer_free(optimizer);
    tw_scope_free(s);
}

int main(void) {
    RUN(layer_norm);
    RUN(batch_norm);
    RUN(embedding);
    RUN(activations);
    RUN(cross_entropy);
    RUN(clipping);
    return check_report();
}
