/* Logistic regression with its report: the 23 flights of the space shuttle before the Challenger's, whether rings of
 * theirs were damaged, by the temperature in degrees Fahrenheit; on the day of the Challenger's it was 31 (Dalal,
 * Fowlkes and Hoadley, J. Am. Stat. Assoc. 84, 1989). R's glm gives 15.0429 (7.3786) and -0.2322 (0.1082), deviances
 * 28.267 and 20.315, AIC 24.315. Or on a CSV file whose last column is the class, 0 or 1: logistic [PATH [RIDGE]]
 *
 * Output:
 *     23 rows, columns: 1
 *     deviance 20.315 of 28.267, AIC 24.315
 *
 *                coefficient std. error       z  odds ratio  95 % interval
 *     intercept      15.0429     7.3786    2.04   3.412e+06  1.787 to 6.514e+12
 *     degree         -0.2322     0.1082   -2.14      0.7928  0.6413 to 0.9802
 *
 *     rows: the class, columns: what the model says
 *     0:    16     0
 *     1:     3     4
 *     precision 1.000, recall 0.571, F1 0.727
 *     area under the ROC curve 0.7812
 *     at 31 degrees: damage with probability 0.9996
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <talweg.h>

enum { flights = 23 };
static const double temperature[flights] = {53, 57, 58, 63, 66, 67, 67, 67, 68, 69, 70, 70,
                                            70, 70, 72, 73, 75, 75, 76, 76, 78, 79, 81};
static const double damaged[flights] = {1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0};

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

static double *numbers(const tw_tensor *tensor, int64_t count) {
    double *values = malloc((size_t)count * sizeof *values);
    if (!values) exit(1);
    must(tw_tensor_to_double(tensor, values, count));
    return values;
}

static void row(const char *name, double b, double error) {
    printf("%-10s %11.4f %10.4f %7.2f %11.4g  %.4g to %.4g\n", name, b, error, b / error, exp(b), exp(b - 1.96 * error),
           exp(b + 1.96 * error));
}

/* How often a class is told from the other, and the share of pairs that the probabilities put in order. */
static void judge(const double *y, const double *probability, int64_t n) {
    int64_t right[2][2] = {{0, 0}, {0, 0}};
    double ahead = 0;
    for (int64_t i = 0; i < n; ++i) ++right[y[i] > 0.5][probability[i] > 0.5];
    for (int64_t i = 0; i < n; ++i)
        for (int64_t j = 0; j < n; ++j)
            if (y[i] > y[j]) ahead += probability[i] > probability[j] ? 1 : probability[i] == probability[j] ? 0.5 : 0;
    const double ones = (double)(right[1][0] + right[1][1]), zeros = (double)n - ones;
    const double hits = (double)right[1][1], precision = hits / (double)(right[0][1] + right[1][1]), recall = hits / ones;
    printf("\nrows: the class, columns: what the model says\n");
    for (int k = 0; k < 2; ++k) printf("%d: %5lld %5lld\n", k, (long long)right[k][0], (long long)right[k][1]);
    printf("precision %.3f, recall %.3f, F1 %.3f\n", precision, recall, 2 * precision * recall / (precision + recall));
    printf("area under the ROC curve %.4f\n", ahead / (ones * zeros));
}

int main(int argc, char **argv) {
    tw_scope *s = tw_scope_new();
    int64_t n = flights, p = 1;
    tw_tensor *x = tw_tensor_from_data(s, temperature, TW_FLOAT64, &n, 1);
    tw_tensor *y = tw_tensor_from_data(s, damaged, TW_FLOAT64, &n, 1);
    if (argc > 1) {
        tw_tensor *table = tw_csv_read(s, argv[1], NULL);
        must(tw_scope_status(s));
        must(tw_tensor_size(table, 0, &n));
        must(tw_tensor_size(table, 1, &p));
        --p;
        x = tw_slice(s, table, 1, 0, p, 1);
        y = tw_reshape(s, tw_slice(s, table, 1, p, p + 1, 1), &n, 1);
    }
    printf("%lld rows, columns: %lld\n", (long long)n, (long long)p);

    tw_glm_options options = TW_GLM_OPTIONS_INIT;
    tw_glm_result *fit = NULL;
    double deviance = 0, null_deviance = 0, aic = 0;
    bool separated = false;
    options.family = TW_GLM_BINOMIAL;
    options.ridge = argc > 2 ? atof(argv[2]) : 0;
    must(tw_glm(x, y, &options, &fit));
    must(tw_glm_result_deviance(fit, &deviance));
    must(tw_glm_result_null_deviance(fit, &null_deviance));
    must(tw_glm_result_aic(fit, &aic));
    must(tw_glm_result_separated(fit, &separated));
    printf("deviance %.3f of %.3f, AIC %.3f\n", deviance, null_deviance, aic);
    if (separated) printf("a plane separates the classes: no coefficients are best, and a ridge helps\n");

    double *b = numbers(tw_glm_result_coefficients(s, fit), p);
    double *errors = numbers(tw_glm_result_standard_errors(s, fit), p);
    printf("\n%-10s %11s %10s %7s %11s  95 %% interval\n", "", "coefficient", "std. error", "z", "odds ratio");
    row("intercept", item(tw_glm_result_intercept(s, fit)), item(tw_glm_result_intercept_standard_error(s, fit)));
    for (int64_t j = 0; j < p; ++j) {
        char name[24];
        snprintf(name, sizeof name, "x%lld", (long long)j);
        row(argc > 1 ? name : "degree", b[j], errors[j]);
    }
    double *probability = numbers(tw_glm_result_predict(s, fit, x, TW_GLM_RESPONSE, NULL), n);
    double *classes = numbers(y, n);
    judge(classes, probability, n);
    if (argc < 2) {
        const double day = 31;
        const int64_t one = 1;
        tw_tensor *at = tw_tensor_from_data(s, &day, TW_FLOAT64, &one, 1);
        tw_tensor *chance = tw_glm_result_predict(s, fit, at, TW_GLM_RESPONSE, NULL);
        printf("at 31 degrees: damage with probability %.4f\n", item(chance));
    }
    free(b);
    free(errors);
    free(probability);
    free(classes);
    tw_glm_result_free(fit);
    tw_scope_free(s);
    return 0;
}
