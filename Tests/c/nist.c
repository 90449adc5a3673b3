/* The linear reference problems of NIST's Statistical Reference Datasets, scored by
   the log relative error: -log10(|fit - certified| / |certified|), the smallest over
   the parameters. The files are under $TALWEG_TEST_DATA/nist/linear (by default
   ../shared/data); without them the cases are skipped. */
#include "check.h"

enum { max_rows = 64, max_columns = 8 };

struct problem {
    int parameters, rows, columns; /* columns of the data, y first */
    double estimate[max_columns], deviation[max_columns], residual_deviation, r_squared;
    double data[max_rows][max_columns];
};

static FILE *open_problem(const char *name) {
    const char *root = getenv("TALWEG_TEST_DATA");
    char path[1024];
    snprintf(path, sizeof path, "%s/nist/linear/%s.dat", root ? root : "../shared/data", name);
    return fopen(path, "r");
}

/* The head of a file says in which lines the certified values and the data stand. */
static bool read_problem(FILE *file, struct problem *p) {
    char line[512];
    int number = 0, certified_first = 0, certified_last = 0, data_first = 0, data_last = 0;
    memset(p, 0, sizeof *p);
    while (fgets(line, sizeof line, file)) {
        ++number;
        char *at;
        if ((at = strstr(line, "Certified Values")) && number < 10) {
            if ((at = strstr(at, "lines"))) sscanf(at, "lines %d to %d", &certified_first, &certified_last);
        } else if ((at = strstr(line, "Data  ")) && number < 10 && (at = strstr(at, "lines"))) {
            sscanf(at, "lines %d to %d", &data_first, &data_last);
        }
        int index = 0;
        double a = 0, b = 0;
        if (number >= certified_first && number <= certified_last) {
            if (sscanf(line, " B%d %lf %lf", &index, &a, &b) == 3 && p->parameters < max_columns) {
                p->estimate[p->parameters] = a;
                p->deviation[p->parameters++] = b;
            } else if (sscanf(line, " Standard Deviation %lf", &a) == 1) {
                p->residual_deviation = a;
            } else if (sscanf(line, " R-Squared %lf", &a) == 1) {
                p->r_squared = a;
            }
        }
        if (data_first > 0 && number >= data_first && number <= data_last && p->rows < max_rows) {
            char *rest = line, *end;
            int column = 0;
            for (double v = strtod(rest, &end); end != rest && column < max_columns; v = strtod(rest = end, &end))
                p->data[p->rows][column++] = v;
            if (column > 0) ++p->rows, p->columns = column;
        }
    }
    fclose(file);
    return p->parameters > 0 && p->rows == data_last - data_first + 1;
}

static double lre(double found, double certified) {
    if (found == certified) return 15;
    double digits = -log10(fabs(found - certified) / (certified != 0 ? fabs(certified) : 1));
    return isnan(digits) || digits < 0 ? 0 : digits > 15 ? 15 : digits;
}

/* Fits the problem, with the powers of its one predictor if `degree` > 1, and checks the score. */
static void fit_and_score(const char *name, int degree, bool intercept, double least) {
    FILE *file = open_problem(name);
    if (file == NULL) SKIP("no ../shared/data/nist/linear here (TALWEG_TEST_DATA names another folder)");
    struct problem p;
    if (!CHECK(read_problem(file, &p))) return;
    int columns = degree > 1 ? degree : p.columns - 1;
    double x[max_rows * max_columns], y[max_rows];
    for (int i = 0; i < p.rows; ++i) {
        y[i] = p.data[i][0];
        double power = 1;
        for (int j = 0; j < columns; ++j) x[i * columns + j] = degree > 1 ? (power *= p.data[i][1]) : p.data[i][1 + j];
    }
    tw_scope *s = tw_scope_new();
    tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT; /* the default method */
    options.intercept = intercept;
    tw_lstsq_result *fit = NULL;
    OK(tw_lstsq(tw_tensor_from_data(s, x, TW_FLOAT64, SIZES(p.rows, columns)),
                tw_tensor_from_data(s, y, TW_FLOAT64, SIZES(p.rows)), &options, &fit));
    double found[max_columns] = {0}, deviation[max_columns] = {0};
    if (intercept) {
        found[0] = item(tw_lstsq_result_intercept(s, fit));
        deviation[0] = item(tw_lstsq_result_intercept_standard_error(s, fit));
    }
    OK(tw_tensor_to_double(tw_lstsq_result_coefficients(s, fit), found + intercept, columns));
    OK(tw_tensor_to_double(tw_lstsq_result_standard_errors(s, fit), deviation + intercept, columns));
    int64_t degrees = 0;
    OK(tw_lstsq_result_degrees_of_freedom(fit, &degrees));
    CHECK(p.parameters == columns + intercept && degrees == p.rows - p.parameters);
    double score = 15, deviations = 15;
    for (int j = 0; j < p.parameters; ++j) {
        score = fmin(score, lre(found[j], p.estimate[j]));
        if (p.deviation[j] != 0) deviations = fmin(deviations, lre(deviation[j], p.deviation[j]));
    }
    double rss = item(tw_lstsq_result_rss(s, fit));
    double residual = p.residual_deviation != 0 ? lre(sqrt(rss / (double)degrees), p.residual_deviation) : NAN;
    double r_squared = lre(item(tw_lstsq_result_r_squared(s, fit)), p.r_squared);
    printf("%-9s LRE: parameters %.1f (at least %g), standard errors %.1f, residual deviation %.1f, R^2 %.1f\n", name,
           score, least, deviations, residual, r_squared);
    CHECK(score >= least);
    CHECK(r_squared >= least);
    if (p.residual_deviation != 0) CHECK(deviations >= least - 1 && residual >= least);
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
}

static void norris(void) { fit_and_score("Norris", 1, true, 11); }
static void no_intercept_1(void) { fit_and_score("NoInt1", 1, false, 13); }
static void longley(void) { fit_and_score("Longley", 1, true, 13); }
static void wampler_1(void) { fit_and_score("Wampler1", 5, true, 13); }
static void wampler_4(void) { fit_and_score("Wampler4", 5, true, 13); }

int main(void) {
    RUN(norris);
    RUN(no_intercept_1);
    RUN(longley);
    RUN(wampler_1);
    RUN(wampler_4);
    return check_report();
}
