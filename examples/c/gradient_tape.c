/* theta * x = y with x = y = 1, 2, 3: a loss written by hand, differentiated by the
 * tape, followed downhill. theta goes to 1.
 *
 * Output:
 *     step  0: theta 0.0000, loss 4.6667, gradient -9.3333
 *     step  5: theta 0.9568, loss 0.0087, gradient -0.4027
 *     step 10: theta 0.9981, loss 0.0000, gradient -0.0174
 *     step 15: theta 0.9999, loss 0.0000, gradient -0.0007
 *     step 20: theta 1.0000, loss 0.0000, gradient -0.0000
 *     second derivative 9.3333
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

/* mean((theta x - y)^2) */
static tw_tensor *loss_of(tw_scope *s, const tw_tensor *theta, const tw_tensor *x, const tw_tensor *y) {
    tw_tensor *residual = tw_subtract(s, tw_multiply(s, theta, x), y);
    return tw_mean(s, tw_square(s, residual), NULL, 0, false);
}

int main(void) {
    const double data[] = {1, 2, 3};
    const int64_t n = 3;
    tw_scope *s = tw_scope_new(), *step = tw_scope_new();
    tw_tensor *x = tw_tensor_from_data(s, data, TW_FLOAT64, &n, 1), *y = tw_copy(s, x);
    tw_tensor *theta = tw_scalar(s, 0, TW_FLOAT64);
    must(tw_tensor_set_requires_grad(theta, true));

    for (int i = 0; i <= 20; ++i) {
        tw_tensor *loss = loss_of(step, theta, x, y);
        must(tw_tensor_zero_grad(theta));
        must(tw_backward(step, loss));
        tw_tensor *gradient = tw_tensor_grad(step, theta);
        if (i % 5 == 0) printf("step %2d: theta %.4f, loss %.4f, gradient %.4f\n", i, item(theta), item(loss), item(gradient));
        tw_tensor *next = tw_subtract(step, tw_detach(step, theta), tw_multiply_scalar(step, gradient, 0.05));
        must(tw_tensor_assign(theta, next));
        tw_scope_clear(step);
    }

    /* The gradient's own gradient: 2 mean(x^2), wherever theta is. */
    tw_grad_options options = TW_GRAD_OPTIONS_INIT;
    const tw_tensor *inputs[] = {theta};
    tw_tensor *first = NULL, *second = NULL;
    options.create_graph = true;
    must(tw_grad(s, loss_of(s, theta, x, y), inputs, 1, &options, &first));
    must(tw_grad(s, first, inputs, 1, NULL, &second));
    printf("second derivative %.4f\n", item(second));

    tw_scope_free(step);
    tw_scope_free(s);
    return 0;
}
