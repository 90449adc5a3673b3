/* A Linear(2, 1) on six points, with a data loader of batch 4 and SGD at 0.1,
 * compared with the exact least-squares answer.
 *
 * Output:
 *     epoch   1: loss 0.453
 *     epoch  10: loss 0.029
 *     epoch 100: loss 0.030
 *     trained:  y = 0.540 a -0.031 b +0.759, mean squared error 0.0305
 *     exact:    y = 0.609 a -0.049 b +0.787, mean squared error 0.0280
 */
#include <stdio.h>
#include <stdlib.h>
#include <talweg.h>

static void must(tw_status status) {
    if (status == TW_OK) return;
    fprintf(stderr, "%s: %s\n", tw_status_name(status), tw_last_message());
    exit(1);
}

static double item(const tw_tensor *tensor) {
    double value = 0;
    must(tw_tensor_item(tensor, &value));
    return value;
}

static void show(const char *name, const tw_tensor *weight, const tw_tensor *bias, double loss) {
    double w[2];
    must(tw_tensor_to_double(weight, w, 2));
    printf("%-9s y = %.3f a %+.3f b %+.3f, mean squared error %.4f\n", name, w[0], w[1], item(bias), loss);
}

int main(void) {
    const double points[][2] = {{-1, -1}, {-0.8, -0.6}, {-0.3, -0.8}, {0.4, 0.2}, {0.8, 0.8}, {1, 1}};
    const double values[] = {0.4, 0.2, 0.6, 1.0, 1.0, 1.6};
    const int64_t two[] = {6, 2}, one[] = {6, 1};
    tw_scope *s = tw_scope_new(), *step = tw_scope_new();
    tw_tensor *x = tw_tensor_from_data(s, points, TW_FLOAT64, two, 2);
    tw_tensor *y = tw_tensor_from_data(s, values, TW_FLOAT64, one, 2);

    tw_generator *generator = NULL;
    tw_linear_options linear = TW_LINEAR_OPTIONS_INIT;
    tw_module *model = NULL;
    must(tw_generator_new(0, &generator));
    linear.dtype = TW_FLOAT64;
    linear.generator = generator;
    must(tw_linear_new(2, 1, &linear, &model));

    tw_loader_options batches = TW_LOADER_OPTIONS_INIT;
    tw_loader *loader = NULL;
    batches.batch_size = 4;
    batches.shuffle = true;
    must(tw_loader_new(x, y, &batches, &loader));
    tw_sgd_options sgd = TW_SGD_OPTIONS_INIT;
    tw_optimizer *optimizer = NULL;
    sgd.learning_rate = 0.1;
    must(tw_sgd_new(&sgd, &optimizer));
    must(tw_optimizer_add_module(optimizer, model));

    for (int epoch = 1; epoch <= 100; ++epoch) {
        tw_tensor *bx = NULL, *by = NULL;
        bool more = true;
        while (must(tw_loader_next(step, loader, &bx, &by, &more)), more) {
            tw_tensor *loss = tw_mse_loss(step, tw_module_forward(step, model, bx), by);
            must(tw_optimizer_zero_grad(optimizer));
            must(tw_backward(step, loss));
            must(tw_optimizer_step(optimizer));
        }
        if (epoch == 1 || epoch == 10 || epoch == 100)
            printf("epoch %3d: loss %.3f\n", epoch, item(tw_mse_loss(step, tw_predict(step, model, x, 0), y)));
        tw_scope_clear(step);
    }
    show("trained:", tw_module_parameter_named(s, model, "weight"), tw_module_parameter_named(s, model, "bias"),
         item(tw_mse_loss(s, tw_predict(s, model, x, 0), y)));

    tw_lstsq_result *exact = NULL;
    must(tw_lstsq(x, y, NULL, &exact));
    show("exact:", tw_lstsq_result_coefficients(s, exact), tw_lstsq_result_intercept(s, exact),
         item(tw_lstsq_result_rss(s, exact)) / 6);

    tw_lstsq_result_free(exact);
    tw_optimizer_free(optimizer);
    tw_loader_free(loader);
    tw_module_free(model);
    tw_generator_free(generator);
    tw_scope_free(step);
    tw_scope_free(s);
    return 0;
}
