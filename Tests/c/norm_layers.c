/* Layers of normalisation from C: running statistics, what they hold, and what they refuse. */
#include "check.h"

/* Channels 1 3 5 and 2 4 9: means 3 and 5; variances over the count 8/3 and 26/3, over one less 4 and 13. */
static tw_tensor *rows(tw_scope *s) { return MATRIX(s, 3, 2, 1, 2, 3, 4, 5, 9); }

static void running_statistics(void) {
    tw_scope *s = tw_scope_new();
    tw_channel_norm_options options = TW_CHANNEL_NORM_OPTIONS_INIT;
    options.dtype = TW_FLOAT64;
    options.momentum = 0.5;
    options.epsilon = 0;
    tw_module *layer = NULL;
    OK(tw_batch_norm1d_new(2, &options, &layer));
    tw_tensor *mean = tw_module_buffer_named(s, layer, "running_mean");
    tw_tensor *variance = tw_module_buffer_named(s, layer, "running_var");
    tw_tensor *count = tw_module_buffer_named(s, layer, "num_batches_tracked");
    VALUES(mean, 0, 0, 0);
    VALUES(variance, 0, 1, 1);
    tw_tensor *y = tw_module_forward(s, layer, rows(s));
    double a = sqrt(8.0 / 3), b = sqrt(26.0 / 3);
    VALUES(y, 1e-14, -2 / a, -3 / b, 0, -1 / b, 2 / a, 4 / b);
    VALUES(mean, 1e-15, 1.5, 2.5);
    VALUES(variance, 1e-15, 2.5, 7);
    CHECK(item(count) == 1);
    /* Evaluation uses them and moves nothing. */
    OK(tw_module_set_training(layer, false));
    y = tw_module_forward(s, layer, MATRIX(s, 1, 2, 1.5, 9.5));
    VALUES(y, 1e-14, 0, 7 / sqrt(7));
    CHECK(item(count) == 1);
    tw_module_free(layer);

    /* The average of all batches: of one, its own statistics; of the same again, the same. */
    options.cumulative = true;
    OK(tw_batch_norm1d_new(2, &options, &layer));
    mean = tw_module_buffer_named(s, layer, "running_mean");
    variance = tw_module_buffer_named(s, layer, "running_var");
    for (int i = 0; i < 3; ++i) {
        CHECK(tw_module_forward(s, layer, rows(s)) != NULL);
        VALUES(mean, 1e-15, 3, 5);
        VALUES(variance, 1e-14, 4, 13);
    }
    tw_module_free(layer);
    OK(tw_scope_status(s));
    tw_scope_free(s);
}

static void failure_changes_nothing(void) {
    tw_scope *s = tw_scope_new();
    tw_module *layer = NULL;
    OK(tw_batch_norm1d_new(2, NULL, &layer));
    tw_tensor *x = tw_cast(s, rows(s), TW_FLOAT32);
    CHECK(tw_module_forward(s, layer, x) != NULL);
    tw_tensor *mean = tw_module_buffer_named(s, layer, "running_mean"), *mean_before = tw_copy(s, mean);
    tw_tensor *variance = tw_module_buffer_named(s, layer, "running_var"), *variance_before = tw_copy(s, variance);
    REFUSES_SAYING(TW_ERROR_SHAPE, "training needs 2 or more", tw_module_forward(s, layer, tw_slice(s, x, 0, 0, 1, 1)));
    REFUSES(TW_ERROR_DTYPE, tw_module_forward(s, layer, rows(s)));
    REFUSES(TW_ERROR_SHAPE, tw_module_forward(s, layer, tw_reshape(s, x, SIZES(2, 3))));
    REFUSES(TW_ERROR_SHAPE, tw_module_forward(s, layer, tw_reshape(s, x, SIZES(6))));
    REFUSES(TW_ERROR_NULL, tw_module_forward(s, layer, NULL));
    /* A residual of another shape. */
    const tw_tensor *inputs[] = {x, tw_reshape(s, x, SIZES(2, 3)), x};
    tw_tensor *output = NULL;
    FAILS(TW_ERROR_SHAPE, tw_module_call(NULL, layer, inputs, 2, &output, 1));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_module_call(NULL, layer, inputs, 3, &output, 1));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_module_call(NULL, layer, inputs, 0, &output, 1));
    /* While one of the buffers cannot be written, neither moves. */
    OK(tw_module_remove(layer, "running_var"));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_module_forward(s, layer, x));
    double one = 1;
    tw_tensor *spread = tw_broadcast_to(s, tw_cast(s, tw_tensor_from_data(s, &one, TW_FLOAT64, SIZES(1)), TW_FLOAT32), SIZES(2));
    OK(tw_module_set_buffer(layer, "running_var", spread, true));
    CHECK(tw_module_forward(s, layer, x) == NULL);
    CHECK(same_bytes(mean, mean_before) && same_bytes(variance, variance_before));
    CHECK(item(tw_module_buffer_named(s, layer, "num_batches_tracked")) == 1);
    tw_module_free(layer);
    tw_scope_free(s);
}

static void residual_and_relu(void) {
    tw_scope *s = tw_scope_new();
    tw_channel_norm_options options = TW_CHANNEL_NORM_OPTIONS_INIT;
    options.dtype = TW_FLOAT64;
    options.relu = true;
    tw_module *layer = NULL;
    OK(tw_batch_norm1d_new(2, &options, &layer));
    tw_tensor *x = rows(s), *residual = MATRIX(s, 3, 2, 1, -1, 0, 0.5, -3, 2);
    const tw_tensor *inputs[] = {x, residual};
    tw_tensor *output = NULL;
    OK(tw_module_call(s, layer, inputs, 2, &output, 1));
    tw_batch_norm_options plain = TW_BATCH_NORM_OPTIONS_INIT;
    plain.relu = true;
    plain.residual = residual;
    tw_tensor *weight = tw_module_parameter_named(s, layer, "weight"), *bias = tw_module_parameter_named(s, layer, "bias");
    CHECK(same_bytes(output, tw_batch_norm(s, x, weight, bias, NULL, NULL, &plain)));
    inputs[1] = NULL;
    OK(tw_module_call(s, layer, inputs, 2, &output, 1));
    plain.residual = NULL;
    CHECK(same_bytes(output, tw_batch_norm(s, x, weight, bias, NULL, NULL, &plain)));
    tw_module_free(layer);
    OK(tw_scope_status(s));
    tw_scope_free(s);
}

/* Of examples 0 2 | 1 5 and 4 8 | 3 3 in two channels. */
static void instance_and_group(void) {
    tw_scope *s = tw_scope_new();
    tw_channel_norm_options options = TW_CHANNEL_NORM_OPTIONS_INIT;
    options.dtype = TW_FLOAT64;
    options.momentum = 1;
    double values[] = {0, 2, 1, 5, 4, 8, 3, 3};
    tw_tensor *x = tw_tensor_from_data(s, values, TW_FLOAT64, SIZES(2, 2, 2));
    tw_module *layer = NULL;
    OK(tw_instance_norm1d_new(2, &options, &layer));
    double e = 1e-5, p = 1 / sqrt(1 + e), q = 2 / sqrt(4 + e);
    VALUES(tw_module_forward(s, layer, x), 1e-14, -p, p, -q, q, -q, q, 0, 0);
    /* Means 1 and 6, 3 and 3; variances over one less than the count 2 and 8, 8 and 0. */
    VALUES(tw_module_buffer_named(s, layer, "running_mean"), 1e-15, 3.5, 3);
    VALUES(tw_module_buffer_named(s, layer, "running_var"), 1e-14, 5, 4);
    CHECK(item(tw_module_buffer_named(s, layer, "num_batches_tracked")) == 0);
    tw_module_free(layer);
    int64_t count = -1;
    OK(tw_instance_norm1d_new(2, NULL, &layer));
    OK(tw_module_parameter_count(layer, &count));
    CHECK(count == 0);
    tw_module_free(layer);

    tw_norm_options norm = TW_NORM_OPTIONS_INIT;
    norm.dtype = TW_FLOAT64;
    OK(tw_group_norm_new(2, 2, &norm, &layer));
    VALUES(tw_module_forward(s, layer, x), 1e-14, -p, p, -q, q, -q, q, 0, 0);
    tw_module_free(layer);
    /* One group: mean 2 and variance 3.5 of the first example, 4.5 and 4.25 of the second. */
    OK(tw_group_norm_new(1, 2, &norm, &layer));
    double r = 1 / sqrt(3.5 + e), t = 1 / sqrt(4.25 + e);
    VALUES(tw_module_forward(s, layer, x), 1e-14, -2 * r, 0, -r, 3 * r, -0.5 * t, 3.5 * t, -1.5 * t, -1.5 * t);
    tw_module_free(layer);
    OK(tw_scope_status(s));
    tw_scope_free(s);
}

static void rows_of_several_axes(void) {
    tw_scope *s = tw_scope_new();
    tw_norm_options norm = TW_NORM_OPTIONS_INIT;
    norm.dtype = TW_FLOAT64;
    tw_module *layer = NULL;
    double values[] = {0, 2, 1, 5};
    tw_tensor *x = tw_tensor_from_data(s, values, TW_FLOAT64, SIZES(1, 2, 2));
    OK(tw_layer_norm_new(SIZES(2, 2), &norm, &layer));
    double r = 1 / sqrt(3.5 + 1e-5);
    VALUES(tw_module_forward(s, layer, x), 1e-14, -2 * r, 0, -r, 3 * r);
    SHAPE(tw_module_parameter_named(s, layer, "bias"), 2, 2);
    const tw_tensor *inputs[] = {x, x};
    tw_tensor *output = NULL;
    OK(tw_module_call(s, layer, inputs, 2, &output, 1));
    double twice = 2 / sqrt(14 + 1e-5);
    VALUES(output, 1e-14, -2 * twice, 0, -twice, 3 * twice);
    REFUSES(TW_ERROR_SHAPE, tw_module_forward(s, layer, VECTOR(s, 1, 2)));
    tw_module_free(layer);
    OK(tw_rms_norm_new(SIZES(2, 2), &norm, &layer));
    double u = 1 / sqrt(7.5);
    VALUES(tw_module_forward(s, layer, x), 1e-14, 0, 2 * u, u, 5 * u);
    tw_module_free(layer);
    norm.affine = false;
    OK(tw_rms_norm_new(SIZES(2), &norm, &layer));
    int64_t count = -1;
    OK(tw_module_parameter_count(layer, &count));
    CHECK(count == 0);
    tw_module_free(layer);
    tw_scope_free(s);
}

/* Channels 1, 2, 3: of size 2 each with the one before it, halved. */
static void local_response(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = tw_reshape(s, VECTOR(s, 1, 2, 3), SIZES(1, 3, 1));
    VALUES(tw_local_response_norm(s, x, 2, 2, 1, 1), 1e-15, 1.0 / 2, 2.0 / 6, 3.0 / 14);
    tw_module *layer = NULL;
    OK(tw_local_response_norm_new(2, 2, 1, 1, &layer));
    VALUES(tw_module_forward(s, layer, x), 1e-15, 1.0 / 2, 2.0 / 6, 3.0 / 14);
    tw_module_free(layer);
    REFUSES(TW_ERROR_SHAPE, tw_local_response_norm(s, VECTOR(s, 1, 2), 2, 1, 1, 1));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_local_response_norm(s, x, 0, 1, 1, 1));
    tw_scope_free(s);
}

static void state_in_files(void) {
    tw_scope *s = tw_scope_new();
    tw_module *one = NULL, *other = NULL;
    OK(tw_batch_norm1d_new(2, NULL, &one));
    OK(tw_batch_norm1d_new(2, NULL, &other));
    CHECK(tw_module_forward(s, one, tw_cast(s, rows(s), TW_FLOAT32)) != NULL);
    const char *path = "build/tests/c/norm_layers.safetensors";
    OK(tw_module_save(one, path));
    OK(tw_module_load(other, path));
    const char *names[] = {"running_mean", "running_var", "num_batches_tracked"};
    for (int i = 0; i < 3; ++i)
        CHECK(same_bytes(tw_module_buffer_named(s, one, names[i]), tw_module_buffer_named(s, other, names[i])));
    CHECK(item(tw_module_buffer_named(s, other, "num_batches_tracked")) == 1);
    tw_module_free(one);
    tw_module_free(other);
    remove(path);
    OK(tw_scope_status(s));
    tw_scope_free(s);
}

static void refused(void) {
    tw_module *layer = NULL;
    tw_channel_norm_options options = TW_CHANNEL_NORM_OPTIONS_INIT;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "channels", tw_batch_norm1d_new(0, NULL, &layer));
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "channels", tw_instance_norm2d_new(INT64_MIN, NULL, &layer));
    FAILS(TW_ERROR_SHAPE, tw_batch_norm2d_new(INT64_MAX, NULL, &layer));
    FAILS(TW_ERROR_OUT_OF_MEMORY, tw_batch_norm2d_new((int64_t)1 << 50, NULL, &layer));
    options.momentum = NAN;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "momentum", tw_batch_norm2d_new(2, &options, &layer));
    options.momentum = 0.1;
    options.epsilon = -1e-9;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "epsilon", tw_batch_norm2d_new(2, &options, &layer));
    options.epsilon = 1e-5;
    options.dtype = TW_FLOAT16;
    FAILS(TW_ERROR_DTYPE, tw_batch_norm2d_new(2, &options, &layer));
    tw_norm_options norm = TW_NORM_OPTIONS_INIT;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_layer_norm_new(NULL, 0, &norm, &layer));
    FAILS(TW_ERROR_NULL, tw_layer_norm_new(NULL, 1, &norm, &layer));
    FAILS(TW_ERROR_SHAPE, tw_layer_norm_new(SIZES(3, 0), &norm, &layer));
    FAILS(TW_ERROR_SHAPE, tw_rms_norm_new(SIZES(INT64_MAX, INT64_MAX), &norm, &layer));
    FAILS(TW_ERROR_SHAPE, tw_rms_norm_new(SIZES(1, 1, 1, 1, 1, 1, 1, 1, 1), &norm, &layer));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_group_norm_new(4, 6, &norm, &layer));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_group_norm_new(0, 6, &norm, &layer));
    norm.epsilon = NAN;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "epsilon", tw_group_norm_new(2, 6, &norm, &layer));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_local_response_norm_new(INT64_MAX, 1, 1, 1, &layer));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_local_response_norm_new(3, NAN, 1, 1, &layer));
    FAILS(TW_ERROR_NULL, tw_batch_norm1d_new(2, NULL, NULL));
    CHECK(layer == NULL);

    tw_scope *s = tw_scope_new();
    tw_tensor *x = rows(s), *two = VECTOR(s, 1, 1), *three = VECTOR(s, 1, 1, 1);
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_group_norm(s, x, 3, NULL, NULL, 1e-5));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_group_norm(s, x, INT64_MIN, NULL, NULL, 1e-5));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_group_norm(s, x, 1, NULL, NULL, NAN));
    REFUSES(TW_ERROR_SHAPE, tw_group_norm(s, x, 1, three, NULL, 1e-5));
    REFUSES(TW_ERROR_DTYPE, tw_group_norm(s, x, 1, two, tw_cast(s, two, TW_FLOAT32), 1e-5));
    REFUSES(TW_ERROR_SHAPE, tw_group_norm(s, three, 1, NULL, NULL, 1e-5));
    REFUSES(TW_ERROR_SHAPE, tw_instance_norm(s, x, NULL, NULL, NULL, NULL, NULL));
    tw_tensor *lines = tw_reshape(s, x, SIZES(1, 2, 3));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_instance_norm(s, lines, NULL, NULL, two, NULL, NULL));
    REFUSES(TW_ERROR_SHAPE, tw_instance_norm(s, lines, NULL, NULL, three, three, NULL));
    REFUSES(TW_ERROR_SHAPE, tw_instance_norm(s, tw_reshape(s, x, SIZES(3, 2, 1)), NULL, NULL, NULL, NULL, NULL));
    tw_scope_free(s);
}

int main(void) {
    RUN(running_statistics);
    RUN(failure_changes_nothing);
    RUN(residual_and_relu);
    RUN(instance_and_group);
    RUN(rows_of_several_axes);
    RUN(local_response);
    RUN(state_in_files);
    RUN(refused);
    return check_report();
}
