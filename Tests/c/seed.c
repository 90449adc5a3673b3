/* Prints a digest (FNV-1a, 64 bits) of the weights that a seeded training gives.
   It must not depend on the number of threads, and Tests/python/trained_weights.py
   does the same work and must print the same line. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <talweg.h>

static void must(tw_status status) {
    if (status == TW_OK) return;
    fprintf(stderr, "%s: %s\n", tw_status_name(status), tw_last_message());
    exit(1);
}

int main(void) {
    tw_scope *s = tw_scope_new();
    tw_generator *weights = NULL, *data = NULL;
    must(tw_generator_new(1, &weights));
    must(tw_generator_new(7, &data));

    tw_linear_options linear = TW_LINEAR_OPTIONS_INIT;
    linear.generator = weights;
    tw_module *layers[3] = {NULL, NULL, NULL}, *network = NULL;
    must(tw_linear_new(4, 8, &linear, &layers[0]));
    must(tw_tanh_new(&layers[1]));
    must(tw_linear_new(8, 3, &linear, &layers[2]));
    must(tw_sequential_new(layers, 3, &network));

    const int64_t shape[] = {90, 4};
    int64_t classes[90];
    for (int64_t i = 0; i < 90; ++i) classes[i] = i % 3;
    tw_tensor *x = tw_random_normal(s, data, shape, 2, 0, 1, TW_FLOAT32);
    tw_tensor *labels = tw_tensor_from_data(s, classes, TW_INT64, shape, 1);

    tw_adam_options adam = TW_ADAM_OPTIONS_INIT;
    adam.learning_rate = 0.01;
    tw_optimizer *optimizer = NULL;
    must(tw_adam_new(&adam, &optimizer));
    must(tw_optimizer_add_module(optimizer, network));
    tw_fit_options fit = TW_FIT_OPTIONS_INIT;
    fit.loss = TW_LOSS_CROSS_ENTROPY;
    fit.epochs = 5;
    fit.batch_size = 16;
    fit.shuffle = true;
    fit.seed = 3;
    must(tw_fit(network, optimizer, x, labels, &fit, NULL));

    uint64_t digest = UINT64_C(14695981039346656037);
    int64_t count = 0;
    must(tw_module_parameter_count(network, &count));
    for (int64_t i = 0; i < count; ++i) {
        tw_tensor *parameter = tw_module_parameter(s, network, i);
        unsigned char bytes[8 * 4 * sizeof(float)];
        int64_t size = 0;
        must(tw_tensor_count(parameter, &size));
        must(tw_tensor_copy_to(parameter, bytes, sizeof bytes));
        for (size_t j = 0; j < (size_t)size * sizeof(float); ++j) digest = (digest ^ bytes[j]) * UINT64_C(1099511628211);
    }
    printf("%016" PRIx64 "\n", digest);

    for (int i = 0; i < 3; ++i) tw_module_free(layers[i]);
    tw_module_free(network);
    tw_optimizer_free(optimizer);
    tw_generator_free(weights);
    tw_generator_free(data);
    tw_scope_free(s);
    return 0;
}
