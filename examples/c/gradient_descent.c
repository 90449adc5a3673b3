/* y = 2 x on x = 1..4 by gradient descent: all rows a step, two, and one; with a
 * learning rate that is too large; and the same data with Adam.
 *
 * Output:
 *     batch       weight 2.0000, bias 0.0000, stopped by the tolerance
 *     mini-batch  weight 2.0000, bias 0.0000, stopped by the tolerance
 *     stochastic  weight 2.0000, bias 0.0000, stopped by the tolerance
 *     iteration 1: loss 20.8350
 *     iteration 2: loss 14.4755
 *     iteration 3: loss 10.0626
 *     rate 0.2: TW_ERROR_DIVERGED
 *     Adam        weight 2.0000, bias 0.0000
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
    return value + 0.0; /* no -0 */
}

static int show_three(void *context, const tw_descent_progress *progress) {
    (void)context;
    printf("iteration %d: loss %.4f\n", (int)progress->iteration, progress->loss);
    return progress->iteration == 3; /* stop */
}

int main(void) {
    const double xs[] = {1, 2, 3, 4}, ys[] = {2, 4, 6, 8};
    const int64_t shape[] = {4, 1};
    tw_scope *s = tw_scope_new(), *step = tw_scope_new();
    tw_tensor *x = tw_tensor_from_data(s, xs, TW_FLOAT64, shape, 2);
    tw_tensor *y = tw_tensor_from_data(s, ys, TW_FLOAT64, shape, 2);

    tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT;
    options.method = TW_LSTSQ_GRADIENT_DESCENT;
    options.learning_rate = 0.05;
    options.tolerance = 1e-14;
    const char *const names[] = {"batch", "mini-batch", "stochastic"};
    const int64_t rows[] = {0, 2, 1};
    for (int i = 0; i < 3; ++i) {
        tw_lstsq_result *fit = NULL;
        tw_stop_reason reason = TW_STOP_ITERATIONS;
        options.batch_size = rows[i];
        must(tw_lstsq(x, y, &options, &fit));
        must(tw_lstsq_result_stop_reason(fit, &reason));
        printf("%-11s weight %.4f, bias %.4f, %s\n", names[i], item(tw_lstsq_result_coefficients(s, fit)),
               item(tw_lstsq_result_intercept(s, fit)),
               reason == TW_STOP_TOLERANCE ? "stopped by the tolerance" : "not there yet");
        tw_lstsq_result_free(fit);
    }

    tw_lstsq_result *fit = NULL;
    options.batch_size = 0;
    options.learning_rate = 0.01;
    options.callback = show_three;
    must(tw_lstsq(x, y, &options, &fit));
    tw_lstsq_result_free(fit);

    fit = NULL;
    options.callback = NULL;
    options.learning_rate = 0.2; /* above 2 over the largest curvature, 16.7 */
    printf("rate 0.2: %s\n", tw_status_name(tw_lstsq(x, y, &options, &fit)));

    tw_tensor *w = tw_zeros(s, shape + 1, 1, TW_FLOAT64), *b = tw_zeros(s, shape + 1, 1, TW_FLOAT64);
    tw_adam_options adam = TW_ADAM_OPTIONS_INIT;
    tw_optimizer *optimizer = NULL;
    adam.learning_rate = 0.05;
    must(tw_tensor_set_requires_grad(w, true));
    must(tw_tensor_set_requires_grad(b, true));
    must(tw_adam_new(&adam, &optimizer));
    must(tw_optimizer_add(optimizer, w));
    must(tw_optimizer_add(optimizer, b));
    for (int i = 0; i < 2000; ++i) {
        tw_tensor *loss = tw_mse_loss(step, tw_add(step, tw_multiply(step, x, w), b), y);
        must(tw_optimizer_zero_grad(optimizer));
        must(tw_backward(step, loss));
        must(tw_optimizer_step(optimizer));
        tw_scope_clear(step);
    }
    printf("%-11s weight %.4f, bias %.4f\n", "Adam", item(w), item(b));

    tw_optimizer_free(optimizer);
    tw_scope_free(step);
    tw_scope_free(s);
    return 0;
}
