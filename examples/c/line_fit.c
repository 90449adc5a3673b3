/* Fits a line, then a plane, in closed form.
 *
 * Output:
 *     line: y = 0.6000 x + 2.2000
 *     standard errors 0.2828 (slope), 0.9381 (intercept); R^2 0.6000
 *     at x = 6: 5.8000
 *     plane: y = 2.0000 a - 1.0000 b + 3.0000
 *     standard errors 0.1000 (a), 0.1000 (b), 0.2944 (intercept); R^2 0.9881
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

static void line(tw_scope *s) {
    const double x[] = {1, 2, 3, 4, 5}, y[] = {2, 4, 5, 4, 5}, at = 6;
    const int64_t n = 5, one = 1;
    tw_lstsq_result *fit = NULL;
    must(tw_lstsq(tw_tensor_from_data(s, x, TW_FLOAT64, &n, 1), tw_tensor_from_data(s, y, TW_FLOAT64, &n, 1), NULL, &fit));
    printf("line: y = %.4f x + %.4f\n", item(tw_lstsq_result_coefficients(s, fit)),
           item(tw_lstsq_result_intercept(s, fit)));
    printf("standard errors %.4f (slope), %.4f (intercept); R^2 %.4f\n",
           item(tw_lstsq_result_standard_errors(s, fit)), item(tw_lstsq_result_intercept_standard_error(s, fit)),
           item(tw_lstsq_result_r_squared(s, fit)));
    printf("at x = 6: %.4f\n",
           item(tw_lstsq_result_predict(s, fit, tw_tensor_from_data(s, &at, TW_FLOAT64, &one, 1))));
    tw_lstsq_result_free(fit);
}

static void plane(tw_scope *s) {
    /* y = 2 a - b + 3 on a 3 x 3 grid, and what the fit leaves over: 0.1, -0.2, 0.1, ... */
    const double ab[][2] = {{1, 1}, {1, 2}, {1, 3}, {2, 1}, {2, 2}, {2, 3}, {3, 1}, {3, 2}, {3, 3}};
    const double y[] = {4.1, 2.8, 2.1, 5.8, 5.4, 3.8, 8.1, 6.8, 6.1};
    const int64_t shape[] = {9, 2};
    tw_lstsq_result *fit = NULL;
    must(tw_lstsq(tw_tensor_from_data(s, ab, TW_FLOAT64, shape, 2), tw_tensor_from_data(s, y, TW_FLOAT64, shape, 1), NULL, &fit));
    double slopes[2], errors[2];
    must(tw_tensor_to_double(tw_lstsq_result_coefficients(s, fit), slopes, 2));
    must(tw_tensor_to_double(tw_lstsq_result_standard_errors(s, fit), errors, 2));
    printf("plane: y = %.4f a - %.4f b + %.4f\n", slopes[0], -slopes[1], item(tw_lstsq_result_intercept(s, fit)));
    printf("standard errors %.4f (a), %.4f (b), %.4f (intercept); R^2 %.4f\n", errors[0], errors[1],
           item(tw_lstsq_result_intercept_standard_error(s, fit)), item(tw_lstsq_result_r_squared(s, fit)));
    tw_lstsq_result_free(fit);
}

int main(void) {
    tw_scope *s = tw_scope_new();
    line(s);
    plane(s);
    tw_scope_free(s);
    return 0;
}
