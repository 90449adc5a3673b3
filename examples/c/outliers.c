/* Least squares against fits that outliers do not lead astray: calls from Belgium, in millions a year from 1950 on,
 * where from 1964 to 1969 something else was counted (Rousseeuw and Leroy, "Robust Regression and Outlier Detection",
 * 1987). R's lm gives a slope of 5.04, its rlm with Tukey's psi 1.098.
 *
 * Output:
 *                       intercept    slope
 *     least squares       -260.06     5.04
 *     least magnitudes     -81.00     1.62
 *     Huber               -102.53     2.04
 *     Tukey                -52.30     1.10
 *     Theil-Sen            -67.98     1.39
 *     RANSAC               -52.60     1.11
 *
 *     Tukey's loss leaves no weight to 1964 1965 1966 1967 1968 1969 1970
 */
#include <stdio.h>
#include <stdlib.h>
#include <talweg.h>

enum { years = 24 };
static const double calls[years] = {4.4,  4.7,  4.7,  5.9, 6.6, 7.3, 8.1, 8.8, 10.6, 12, 13.5, 14.9,
                                    16.1, 21.2, 119,  124, 142, 159, 182, 212, 43,   24, 27,   29};

static void must(tw_status status) {
    if (status == TW_OK) return;
    fprintf(stderr, "%s: %s\n", tw_status_name(status), tw_last_message());
    exit(1);
}

static void tell(const char *name, const tw_tensor *intercept, const tw_tensor *slope) {
    double a = 0, b = 0;
    must(tw_tensor_item(intercept, &a));
    must(tw_tensor_item(slope, &b));
    printf("%-17s %9.2f %8.2f\n", name, a, b);
}

static void tell_robust(tw_scope *s, const char *name, const tw_robust_result *fit) {
    tell(name, tw_robust_result_intercept(s, fit), tw_robust_result_coefficients(s, fit));
}

int main(void) {
    const int64_t n = years;
    tw_scope *s = tw_scope_new();
    tw_tensor *x = tw_arange(s, 50, 50 + years, 1, TW_FLOAT64), *y = tw_tensor_from_data(s, calls, TW_FLOAT64, &n, 1);
    printf("%-17s %9s %8s\n", "", "intercept", "slope");

    tw_lstsq_result *line = NULL;
    must(tw_lstsq(x, y, NULL, &line));
    tell("least squares", tw_lstsq_result_intercept(s, line), tw_lstsq_result_coefficients(s, line));

    tw_robust_options options = TW_ROBUST_OPTIONS_INIT;
    tw_robust_result *magnitudes = NULL, *huber = NULL, *tukey = NULL, *median = NULL, *consensus = NULL;
    must(tw_quantile_regression(x, y, NULL, &magnitudes));
    must(tw_robust(x, y, &options, &huber));
    options.loss = TW_ROBUST_TUKEY;
    must(tw_robust(x, y, &options, &tukey));
    must(tw_theil_sen(x, y, NULL, &median));
    must(tw_ransac(x, y, NULL, &consensus));
    tell_robust(s, "least magnitudes", magnitudes);
    tell_robust(s, "Huber", huber);
    tell_robust(s, "Tukey", tukey);
    tell_robust(s, "Theil-Sen", median);
    tell_robust(s, "RANSAC", consensus);

    double weights[years];
    must(tw_tensor_to_double(tw_robust_result_weights(s, tukey), weights, years));
    printf("\nTukey's loss leaves no weight to");
    for (int i = 0; i < years; ++i)
        if (weights[i] == 0) printf(" %d", 1950 + i);
    printf("\n");

    tw_lstsq_result_free(line);
    tw_robust_result_free(magnitudes);
    tw_robust_result_free(huber);
    tw_robust_result_free(tukey);
    tw_robust_result_free(median);
    tw_robust_result_free(consensus);
    tw_scope_free(s);
    return 0;
}
