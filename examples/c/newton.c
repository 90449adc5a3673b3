/* Newton's method on Rosenbrock's valley, f = (1 - x)^2 + 100 (y - x^2)^2, from (-1.2, 1): gradient and
 * Hessian come of the tape, the step of two equations.
 *
 * Output:
 *     step 0: f = 2.420e+01 at (-1.2000, 1.0000)
 *     step 1: f = 4.732e+00 at (-1.1753, 1.3807)
 *     step 2: f = 1.412e+03 at (0.7631, -3.1750)
 *     step 3: f = 5.597e-02 at (0.7634, 0.5828)
 *     step 4: f = 3.132e-01 at (1.0000, 0.9440)
 *     step 5: f = 1.853e-11 at (1.0000, 1.0000)
 */
#include <stdio.h>
#include <talweg.h>

static tw_tensor *rosenbrock(tw_scope *s, const tw_tensor *p) {
    tw_tensor *x = tw_slice(s, p, 0, 0, 1, 1), *y = tw_slice(s, p, 0, 1, 2, 1);
    tw_tensor *a = tw_subtract(s, tw_full(s, NULL, 0, 1, TW_FLOAT64), x);
    tw_tensor *b = tw_subtract(s, y, tw_square(s, x));
    return tw_sum(s, tw_add(s, tw_square(s, a), tw_multiply_scalar(s, tw_square(s, b), 100)), NULL, 0, false);
}

int main(void) {
    double point[2] = {-1.2, 1}, f, g[2], h[4];
    int64_t two = 2;
    tw_scope *s = tw_scope_new();
    for (int step = 0; step <= 5; ++step) {
        tw_tensor *p = tw_tensor_from_data(s, point, TW_FLOAT64, &two, 1), *gradient, *hessian;
        if (tw_tensor_set_requires_grad(p, true) != TW_OK) break;
        const tw_tensor *inputs[] = {p};
        tw_tensor *value = rosenbrock(s, p);
        tw_grad_options keep = TW_GRAD_OPTIONS_INIT;
        keep.retain_graph = true;
        if (tw_grad(s, value, inputs, 1, &keep, &gradient) != TW_OK ||
            tw_hessian(s, value, inputs, 1, NULL, &hessian) != TW_OK || tw_tensor_item(value, &f) != TW_OK ||
            tw_tensor_copy_to(gradient, g, sizeof g) != TW_OK || tw_tensor_copy_to(hessian, h, sizeof h) != TW_OK)
            break;
        printf("step %d: f = %.3e at (%.4f, %.4f)\n", step, f, point[0], point[1]);
        double determinant = h[0] * h[3] - h[1] * h[2];
        point[0] -= (h[3] * g[0] - h[1] * g[1]) / determinant;
        point[1] -= (h[0] * g[1] - h[2] * g[0]) / determinant;
        tw_scope_clear(s);
    }
    int failed = tw_scope_status(s) != TW_OK;
    if (failed) fprintf(stderr, "%s\n", tw_scope_message(s));
    tw_scope_free(s);
    return failed;
}
