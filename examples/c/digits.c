/* A network that reads handwritten digits: 1,797 of 8 x 8 pixels, of which it has
 * seen four fifths. Reads the CSV that examples/python/digits.py writes, 64 pixels
 * of 0..16 and the digit a line: digits [PATH [EPOCHS]].
 *
 * Output:
 *     epoch  1: loss 1.75, held-out accuracy 0.74
 *     epoch 10: loss 0.11, held-out accuracy 1.00
 *     epoch 20: loss 0.04, held-out accuracy 1.00
 *     epoch 30: loss 0.02, held-out accuracy 1.00
 *     epoch 40: loss 0.01, held-out accuracy 1.00
 *     test accuracy 0.98 of 359
 *
 *     digit  taken for
 *             0   1   2   3   4   5   6   7   8   9
 *         0  35   0   1   0   0   0   0   0   0   0
 *         1   0  33   0   0   0   0   0   0   0   0
 *         2   0   0  32   0   0   0   0   0   0   0
 *         3   0   0   0  37   0   0   0   0   0   0
 *         4   0   0   0   0  36   0   0   0   0   0
 *         5   0   0   1   0   0  34   0   0   0   0
 *         6   0   0   0   0   0   0  41   0   0   0
 *         7   0   0   0   0   0   0   0  38   0   0
 *         8   0   0   1   0   0   0   0   0  33   0
 *         9   0   0   0   0   0   2   0   0   1  34
 */
#include <stdio.h>
#include <stdlib.h>
#include <talweg.h>

static void must(tw_status status) {
    if (status == TW_OK) return;
    fprintf(stderr, "%s: %s\n", tw_status_name(status), tw_last_message());
    exit(1);
}

static tw_tensor *rows(tw_scope *s, const tw_tensor *t, const tw_tensor *order, int64_t first, int64_t last) {
    return tw_index_select(s, t, 0, tw_slice(s, order, 0, first, last, 1));
}

static int show(void *context, const tw_epoch_progress *progress) {
    (void)context;
    if (progress->epoch == 1 || progress->epoch % 10 == 0)
        printf("epoch %2d: loss %.2f, held-out accuracy %.2f\n", (int)progress->epoch, progress->loss,
               progress->validation_accuracy);
    return 0;
}

int main(int argc, char **argv) {
    tw_scope *s = tw_scope_new();
    tw_csv_options csv = TW_CSV_OPTIONS_INIT;
    csv.dtype = TW_FLOAT32;
    tw_tensor *table = tw_csv_read(s, argc > 1 ? argv[1] : "build/digits.csv", &csv);
    must(tw_scope_status(s));
    int64_t n = 0;
    must(tw_tensor_size(table, 0, &n));
    int64_t held_out = n / 5;

    tw_generator *generator = NULL;
    must(tw_generator_new(0, &generator));
    tw_tensor *order = tw_random_permutation(s, generator, n);
    tw_tensor *pixels = tw_divide_scalar(s, tw_slice(s, table, 1, 0, 64, 1), 16);
    tw_tensor *labels = tw_cast(s, tw_select(s, table, 1, 64), TW_INT64);
    tw_tensor *test_x = rows(s, pixels, order, 0, held_out), *test_y = rows(s, labels, order, 0, held_out);
    tw_tensor *x = rows(s, pixels, order, held_out, n), *y = rows(s, labels, order, held_out, n);

    tw_linear_options linear = TW_LINEAR_OPTIONS_INIT;
    linear.initializer = TW_INIT_HE_NORMAL;
    linear.generator = generator;
    tw_module *layers[3] = {NULL, NULL, NULL}, *network = NULL;
    must(tw_linear_new(64, 64, &linear, &layers[0]));
    must(tw_relu_new(&layers[1]));
    must(tw_linear_new(64, 10, &linear, &layers[2]));
    must(tw_sequential_new(layers, 3, &network));

    tw_adam_options adam = TW_ADAM_OPTIONS_INIT;
    tw_optimizer *optimizer = NULL;
    adam.learning_rate = 0.003;
    must(tw_adam_new(&adam, &optimizer));
    must(tw_optimizer_add_module(optimizer, network));
    tw_fit_options fit = TW_FIT_OPTIONS_INIT;
    fit.loss = TW_LOSS_CROSS_ENTROPY;
    fit.epochs = argc > 2 ? atoi(argv[2]) : 40;
    fit.validation_split = 0.1; /* of the training rows; the test rows are not seen */
    fit.callback = show;
    must(tw_fit(network, optimizer, x, y, &fit, NULL));

    tw_tensor *predicted = tw_argmax(s, tw_predict(s, network, test_x, 0), -1, false);
    int64_t *truth = calloc((size_t)held_out * 2, sizeof *truth), *guess = truth + held_out;
    int matrix[10][10] = {{0}}, right = 0;
    if (truth == NULL) return 1;
    must(tw_tensor_copy_to(test_y, truth, (size_t)held_out * sizeof *truth));
    must(tw_tensor_copy_to(predicted, guess, (size_t)held_out * sizeof *guess));
    for (int64_t i = 0; i < held_out; ++i) ++matrix[truth[i]][guess[i]], right += truth[i] == guess[i];
    printf("test accuracy %.2f of %d\n\ndigit  taken for\n     ", (double)right / (double)held_out, (int)held_out);
    for (int j = 0; j < 10; ++j) printf("%4d", j);
    for (int i = 0; i < 10; ++i) {
        printf("\n%5d", i);
        for (int j = 0; j < 10; ++j) printf("%4d", matrix[i][j]);
    }
    printf("\n");

    bool good = argc > 2 || right >= 0.96 * (double)held_out;
    free(truth);
    for (int i = 0; i < 3; ++i) tw_module_free(layers[i]);
    tw_module_free(network);
    tw_optimizer_free(optimizer);
    tw_generator_free(generator);
    tw_scope_free(s);
    return good ? 0 : 1;
}
