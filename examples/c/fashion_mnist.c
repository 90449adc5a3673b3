/* Tells ten kinds of clothes apart with two convolutions: Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017), as Debian
 * packages it (dataset-fashion-mnist): fashion_mnist [FOLDER [EPOCHS [IMAGES]]], by default 12 epochs of all 60,000.
 * Its files are unpacked by gzip.
 *
 * Output of a short run (1 epoch of 2,560 images), whose first lines are
 *     epoch  1: loss 1.104, test accuracy 0.754
 *     T-shirt   0.80 right, else most often taken for a dress
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talweg.h>

enum { PIXELS = 28 * 28, KINDS = 10 };
static const double RATE = 2e-3;

static const char *const names[KINDS] = {"T-shirt", "trousers", "pullover", "dress", "coat",
                                         "sandal", "shirt", "sneaker", "bag", "boot"};

static void must(tw_status status) {
    if (status == TW_OK) return;
    fprintf(stderr, "%s: %s\n", tw_status_name(status), tw_last_message());
    exit(1);
}

/* The bytes of an IDX file behind its header, `each` for each of at most `most` items; their number in *count. */
static unsigned char *read_idx(const char *folder, const char *name, size_t header, size_t each, size_t most,
                               size_t *count) {
    char path[4096], command[4200];
    snprintf(path, sizeof path, "%s/%s.gz", folder, name);
    FILE *there = strchr(folder, '\'') ? NULL : fopen(path, "rb");
    if (!there) {
        fprintf(stderr, "%s: not found; apt-get install dataset-fashion-mnist, or name its folder\n", path);
        exit(1);
    }
    fclose(there);
    snprintf(command, sizeof command, "gzip -dc '%s'", path);
    FILE *file = popen(command, "r");
    unsigned char skipped[16], *bytes = malloc(each * most);
    if (!file || !bytes || fread(skipped, 1, header, file) != header) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(1);
    }
    *count = fread(bytes, each, most, file);
    while (fread(skipped, 1, sizeof skipped, file) > 0) continue;
    pclose(file);
    return bytes;
}

/* Images [n, 1, 28, 28], of mean 0 and standard deviation 1 over the training set, and labels [n]. */
static void load(tw_scope *s, const char *folder, const char *set, size_t most, tw_tensor **x, tw_tensor **y) {
    char name[64];
    size_t n = 0, labels = 0;
    snprintf(name, sizeof name, "%s-images-idx3-ubyte", set);
    unsigned char *pixels = read_idx(folder, name, 16, PIXELS, most, &n);
    snprintf(name, sizeof name, "%s-labels-idx1-ubyte", set);
    unsigned char *kinds = read_idx(folder, name, 8, 1, most, &labels);
    const int64_t shape[] = {(int64_t)n, 1, 28, 28};
    tw_tensor *raw = tw_cast(s, tw_tensor_from_data(s, pixels, TW_UINT8, shape, 4), TW_FLOAT32);
    *x = tw_divide_scalar(s, tw_subtract_scalar(s, raw, 0.286 * 255), 0.353 * 255);
    *y = tw_cast(s, tw_tensor_from_data(s, kinds, TW_UINT8, shape, 1), TW_INT64);
    must(tw_scope_status(s));
    free(pixels);
    free(kinds);
    if (n == 0 || n != labels) {
        fprintf(stderr, "%s: %d images, %d labels\n", set, (int)n, (int)labels);
        exit(1);
    }
}

/* Twice 3 x 3 filters, batch norm, ReLU and 2 x 2 pooling, then one linear layer: 50,378 parameters. */
static tw_module *network(void) {
    tw_conv_layer_options conv = TW_CONV_LAYER_OPTIONS_INIT;
    tw_linear_options linear = TW_LINEAR_OPTIONS_INIT;
    must(tw_generator_new(1, &conv.generator));
    linear.generator = conv.generator;
    conv.same_padding = true;
    tw_module *layers[11] = {NULL}, *all = NULL;
    must(tw_conv2d_new(1, 32, 3, 3, &conv, &layers[0]));
    must(tw_batch_norm2d_new(32, NULL, &layers[1]));
    must(tw_relu_new(&layers[2]));
    must(tw_max_pool2d_new(NULL, &layers[3]));
    must(tw_conv2d_new(32, 64, 3, 3, &conv, &layers[4]));
    must(tw_batch_norm2d_new(64, NULL, &layers[5]));
    must(tw_relu_new(&layers[6]));
    must(tw_max_pool2d_new(NULL, &layers[7]));
    must(tw_flatten_new(1, -1, &layers[8]));
    must(tw_dropout_new(0.3, 1, &layers[9]));
    must(tw_linear_new(64 * 7 * 7, KINDS, &linear, &layers[10]));
    must(tw_sequential_new(layers, 11, &all));
    for (int i = 0; i < 11; ++i) tw_module_free(layers[i]);
    tw_generator_free(conv.generator);
    return all;
}

/* After an epoch: tells how far it is, and lowers the rate in a straight line to nothing. */
static int after_epoch(void *context, const tw_epoch_progress *progress) {
    printf("epoch %2d: loss %.3f, test accuracy %.3f\n", (int)progress->epoch, progress->loss,
           progress->validation_accuracy);
    fflush(stdout);
    double left = 1 - (double)progress->epoch / (double)progress->epochs;
    must(tw_optimizer_set_learning_rate(context, RATE * left));
    return 0;
}

int main(int argc, char **argv) {
    const char *folder = argc > 1 ? argv[1] : "/usr/share/datasets/fashion-mnist";
    tw_fit_options fit = TW_FIT_OPTIONS_INIT;
    fit.epochs = argc > 2 ? atoi(argv[2]) : 12;
    int images = argc > 3 ? atoi(argv[3]) : 60000;
    tw_scope *s = tw_scope_new();
    tw_tensor *x, *y, *test_x, *test_y;
    load(s, folder, "train", images > 0 ? (size_t)images : 1, &x, &y);
    load(s, folder, "t10k", 10000, &test_x, &test_y);

    tw_module *model = network();
    tw_adam_options adam = TW_ADAMW_OPTIONS_INIT;
    tw_optimizer *optimizer = NULL;
    adam.learning_rate = RATE;
    must(tw_adamw_new(&adam, &optimizer));
    must(tw_optimizer_add_module(optimizer, model));
    fit.loss = TW_LOSS_CROSS_ENTROPY;
    fit.batch_size = 128;
    fit.validation_inputs = test_x;
    fit.validation_targets = test_y;
    fit.callback = after_epoch;
    fit.context = optimizer;
    must(tw_fit(model, optimizer, x, y, &fit, NULL));

    /* What is taken for what. */
    tw_tensor *guesses = tw_argmax(s, tw_predict(s, model, test_x, 500), 1, false);
    int64_t n = 0;
    must(tw_tensor_size(test_y, 0, &n));
    double *guess = malloc((size_t)n * sizeof *guess), *label = malloc((size_t)n * sizeof *label);
    if (!guess || !label) return 1;
    must(tw_tensor_to_double(guesses, guess, (size_t)n));
    must(tw_tensor_to_double(test_y, label, (size_t)n));
    int counts[KINDS][KINDS] = {{0}};
    for (int64_t i = 0; i < n; ++i) ++counts[(int)label[i]][(int)guess[i]];
    for (int kind = 0; kind < KINDS; ++kind) {
        int all = 0, most = kind ? 0 : 1;
        for (int other = 0; other < KINDS; ++other) {
            all += counts[kind][other];
            if (other != kind && counts[kind][other] > counts[kind][most]) most = other;
        }
        printf("%-9s %.2f right, else most often taken for a %s\n", names[kind],
               all ? (double)counts[kind][kind] / all : 0.0, names[most]);
    }

    free(guess);
    free(label);
    tw_optimizer_free(optimizer);
    tw_module_free(model);
    tw_scope_free(s);
    return 0;
}
