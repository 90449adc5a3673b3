/* Residual blocks from C: functions that fail, and what is refused. */
#include "check.h"

static int circle_plus(void *context, const double *x, const double *d, double *y) {
    (void)context;
    y[0] = cos(d[0]) * x[0] - sin(d[0]) * x[1];
    y[1] = sin(d[0]) * x[0] + cos(d[0]) * x[1];
    return 0;
}

static int circle_jacobian(void *context, const double *x, double *j) {
    (void)context;
    j[0] = -x[1];
    j[1] = x[0];
    return 0;
}

static int refuse(void *context, int64_t index, const double *const *x, double *r, double *const *jacobians) {
    (void)x;
    (void)jacobians;
    r[0] = 1;
    return index == 1 ? *(int *)context : 0;
}

static int not_finite(void *context, int64_t index, const double *const *x, double *r, double *const *jacobians) {
    (void)context;
    (void)index;
    r[0] = sqrt(x[0][0] - 5);
    if (jacobians && jacobians[0]) jacobians[0][0] = 0.5 / r[0];
    return 0;
}

static int forgets(void *context, int64_t index, const double *const *x, double *r, double *const *jacobians) {
    (void)context;
    (void)index;
    (void)jacobians;
    r[0] = x[0][0];
    return 0;
}

static int writes_nothing(void *context, int64_t index, const double *const *x, double *r, double *const *jacobians) {
    (void)context;
    (void)index;
    (void)x;
    (void)r;
    (void)jacobians;
    return 0;
}

static int uses_the_problem(void *context, int64_t index, const double *const *x, double *r,
                            double *const *jacobians) {
    (void)index;
    (void)jacobians;
    double value = 1;
    r[0] = x[0][0];
    FAILS_SAYING(TW_ERROR_STATE, "being solved", tw_problem_solve(context, NULL, NULL));
    FAILS_SAYING(TW_ERROR_STATE, "being solved", tw_problem_set_parameters(context, 0, &value, 1));
    FAILS_SAYING(TW_ERROR_STATE, "being solved", tw_problem_add_parameters(context, NULL, 1, &value, NULL));
    return 0;
}

/* A problem of one number and one residual block of `function`. */
static tw_problem *tiny(tw_block_function function, bool derivatives, double start, void *context, int64_t count) {
    tw_problem *problem = NULL;
    int64_t blocks[2] = {0, 0};
    OK(tw_problem_new(&problem));
    OK(tw_problem_add_parameters(problem, NULL, 1, &start, NULL));
    tw_residual_blocks r = TW_RESIDUAL_BLOCKS_INIT;
    r.function = function;
    r.derivatives = derivatives;
    r.context = context ? context : problem;
    OK(tw_problem_add_residuals(problem, &r, blocks, count));
    return problem;
}

static void functions_that_fail(void) {
    int code = 7;
    double value = 0;
    tw_problem_summary n = TW_PROBLEM_SUMMARY_INIT;
    tw_problem *problem = tiny(refuse, false, 2, &code, 2);
    FAILS_SAYING(TW_ERROR_CANCELLED, "residual block 1 returned 7", tw_problem_solve(problem, NULL, &n));
    FAILS(TW_ERROR_CANCELLED, tw_problem_cost(problem, &value));
    REFUSES(TW_ERROR_CANCELLED, tw_problem_residuals(NULL, problem));
    FAILS_SAYING(TW_ERROR_STATE, "not been solved", tw_problem_report(problem, NULL, 0, NULL));
    tw_problem_free(problem);
    problem = tiny(not_finite, false, 2, NULL, 1);
    FAILS_SAYING(TW_ERROR_NUMERIC, "residual 0 of block 0 is", tw_problem_solve(problem, NULL, NULL));
    OK(tw_problem_get_parameters(problem, 0, &value, 1));
    CHECK(value == 2);
    OK(tw_problem_cost(problem, &value));
    CHECK(value == INFINITY);
    /* From where they are finite it is a wall. */
    value = 9;
    OK(tw_problem_set_parameters(problem, 0, &value, 1));
    OK(tw_problem_solve(problem, NULL, NULL));
    OK(tw_problem_get_parameters(problem, 0, &value, 1));
    CHECK(value >= 5 && value < 5.001);
    tw_problem_free(problem);
    problem = tiny(not_finite, true, 5, NULL, 1);
    FAILS_SAYING(TW_ERROR_NUMERIC, "Jacobian of residual 0 of block 0 by its parameter block 0",
                 tw_problem_solve(problem, NULL, NULL));
    tw_problem_free(problem);
    problem = tiny(forgets, true, 5, NULL, 1);
    FAILS_SAYING(TW_ERROR_NUMERIC, "Jacobian", tw_problem_solve(problem, NULL, NULL));
    tw_problem_free(problem);
    problem = tiny(writes_nothing, false, 5, NULL, 1);
    FAILS_SAYING(TW_ERROR_NUMERIC, "residual 0 of block 0 is nan", tw_problem_solve(problem, NULL, NULL));
    tw_problem_free(problem);
    problem = tiny(uses_the_problem, false, 5, NULL, 1);
    OK(tw_problem_solve(problem, NULL, NULL));
    tw_problem_free(problem);
}

static void what_goes_wrong(void) {
    tw_problem *p = NULL;
    double x[] = {1, 2, 3, 4, NAN}, two = 2;
    int64_t blocks[] = {0, 1, 0, 9}, first = -1;
    tw_parameter_blocks b = TW_PARAMETER_BLOCKS_INIT;
    tw_residual_blocks r = TW_RESIDUAL_BLOCKS_INIT;
    tw_problem_options o = TW_PROBLEM_OPTIONS_INIT;
    tw_problem_summary n = TW_PROBLEM_SUMMARY_INIT;
    FAILS(TW_ERROR_NULL, tw_problem_new(NULL));
    OK(tw_problem_new(&p));
    FAILS(TW_ERROR_NULL, tw_problem_solve(NULL, NULL, NULL));
    FAILS_SAYING(TW_ERROR_STATE, "no residual blocks", tw_problem_solve(p, NULL, NULL));
    FAILS(TW_ERROR_NULL, tw_problem_add_parameters(p, &b, 1, NULL, NULL));
    FAILS_SAYING(TW_ERROR_SHAPE, "0 parameter blocks", tw_problem_add_parameters(p, &b, 0, x, NULL));
    FAILS_SAYING(TW_ERROR_SHAPE, "-1 parameter blocks", tw_problem_add_parameters(p, &b, -1, x, NULL));
    FAILS(TW_ERROR_OUT_OF_MEMORY, tw_problem_add_parameters(p, &b, INT64_MAX, x, NULL));
    b.size = 0;
    FAILS_SAYING(TW_ERROR_SHAPE, "of 0 numbers", tw_problem_add_parameters(p, &b, 1, x, NULL));
    b.size = 5;
    FAILS_SAYING(TW_ERROR_NUMERIC, "parameter 4 of block 0 is nan", tw_problem_add_parameters(p, &b, 1, x, NULL));
    b.size = 2;
    b.lower = (double[]){0, 3};
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "parameter 1 of block 0 is 2.0, below its bound 3.0",
                 tw_problem_add_parameters(p, &b, 1, x, NULL));
    b.lower = NULL;
    b.upper = (double[]){0, 3};
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "above its bound", tw_problem_add_parameters(p, &b, 1, x, NULL));
    b.upper = (double[]){NAN, 3};
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "above its bound nan", tw_problem_add_parameters(p, &b, 1, x, NULL));
    b.upper = (double[]){9, 9};
    b.manifold = TW_MANIFOLD_ANGLE_LAST;
    FAILS_SAYING(TW_ERROR_UNSUPPORTED, "bounds", tw_problem_add_parameters(p, &b, 1, x, NULL));
    b.upper = NULL;
    b.manifold = TW_MANIFOLD_QUATERNION;
    FAILS_SAYING(TW_ERROR_SHAPE, "no quaternion", tw_problem_add_parameters(p, &b, 1, x, NULL));
    b.size = 4;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "length", tw_problem_add_parameters(p, &b, 1, x, NULL));
    b.manifold = TW_MANIFOLD_CUSTOM;
    FAILS_SAYING(TW_ERROR_NULL, "plus", tw_problem_add_parameters(p, &b, 1, x, NULL));
    b.plus = circle_plus;
    b.plus_jacobian = circle_jacobian;
    FAILS_SAYING(TW_ERROR_SHAPE, "tangent_size is 0", tw_problem_add_parameters(p, &b, 1, x, NULL));
    b.manifold = (tw_manifold)77;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "manifold is 77", tw_problem_add_parameters(p, &b, 1, x, NULL));
    b.manifold = TW_MANIFOLD_EUCLIDEAN;
    b.elimination = (tw_elimination)5;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "elimination is 5", tw_problem_add_parameters(p, &b, 1, x, NULL));
    b.elimination = TW_ELIMINATION_FIRST;
    b.size = 1;
    OK(tw_problem_add_parameters(p, &b, 2, x, &first));
    CHECK(first == 0);
    b.size = 2;
    OK(tw_problem_add_parameters(p, &b, 1, x, &first));
    CHECK(first == 2);

    FAILS(TW_ERROR_NULL, tw_problem_add_residuals(p, NULL, blocks, 1));
    FAILS_SAYING(TW_ERROR_NULL, "no function", tw_problem_add_residuals(p, &r, blocks, 1));
    r.function = forgets;
    FAILS(TW_ERROR_NULL, tw_problem_add_residuals(p, &r, NULL, 1));
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "0 residual blocks", tw_problem_add_residuals(p, &r, blocks, 0));
    r.residual_count = 0;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "of 0 residuals", tw_problem_add_residuals(p, &r, blocks, 1));
    r.residual_count = 1;
    r.block_count = 0;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "of 0 parameter blocks", tw_problem_add_residuals(p, &r, blocks, 1));
    r.block_count = 65;
    FAILS(TW_ERROR_INDEX, tw_problem_add_residuals(p, &r, (const int64_t[65]){0, 1, 9}, 1));
    r.block_count = 3;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "parameter block 0 twice", tw_problem_add_residuals(p, &r, blocks, 1));
    r.block_count = 2;
    FAILS_SAYING(TW_ERROR_INDEX, "parameter block 9; there are 3", tw_problem_add_residuals(p, &r, blocks, 2));
    FAILS_SAYING(TW_ERROR_INDEX, "parameter block -1", tw_problem_add_residuals(p, &r, (int64_t[]){0, 1, 1, -1}, 2));
    FAILS_SAYING(TW_ERROR_SHAPE, "has 2 numbers, that of block 0 1",
                 tw_problem_add_residuals(p, &r, (int64_t[]){0, 1, 1, 2}, 2));
    r.loss = (tw_residual_loss)9;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "loss is 9", tw_problem_add_residuals(p, &r, blocks, 1));
    r.loss = TW_RESIDUAL_HUBER;
    r.loss_scale = 0;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "loss_scale is 0", tw_problem_add_residuals(p, &r, blocks, 1));
    r.loss_scale = 1;
    OK(tw_problem_add_residuals(p, &r, blocks, 1));
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "two parameter blocks that are to be eliminated first",
                 tw_problem_solve(p, NULL, NULL));
    o.solver = (tw_problem_solver)6;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "solver is 6", tw_problem_solve(p, &o, NULL));
    o.solver = TW_PROBLEM_SOLVER_DENSE_CHOLESKY;
    o.cost_tolerance = -1;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "cost_tolerance is -1", tw_problem_solve(p, &o, NULL));
    o.cost_tolerance = NAN;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "cost_tolerance is nan", tw_problem_solve(p, &o, NULL));
    o.cost_tolerance = 0;
    o.first_damping = 0;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "first_damping", tw_problem_solve(p, &o, NULL));
    o.first_damping = 1;
    o.max_iterations = -1;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "max_iterations", tw_problem_solve(p, &o, NULL));
    o.max_iterations = 9;
    n.struct_size = 8;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "struct_size", tw_problem_solve(p, &o, &n));

    FAILS_SAYING(TW_ERROR_INDEX, "parameter block 3; there are 3", tw_problem_get_parameters(p, 3, x, 9));
    FAILS(TW_ERROR_INDEX, tw_problem_get_parameters(p, -1, x, 9));
    FAILS(TW_ERROR_INDEX, tw_problem_set_constant(p, 3, true));
    FAILS_SAYING(TW_ERROR_SHAPE, "has 2 numbers; there is room for 1", tw_problem_get_parameters(p, 2, x, 1));
    FAILS_SAYING(TW_ERROR_SHAPE, "has 1 numbers; 2 were given", tw_problem_set_parameters(p, 0, x, 2));
    FAILS_SAYING(TW_ERROR_NUMERIC, "is nan", tw_problem_set_parameters(p, 0, x + 4, 1));
    FAILS(TW_ERROR_NULL, tw_problem_set_parameters(p, 0, NULL, 1));
    OK(tw_problem_set_parameters(p, 1, &two, 1));
    REFUSES(TW_ERROR_INDEX, tw_problem_covariance(NULL, p, (int64_t[]){7}, 1, false));
    REFUSES(TW_ERROR_NULL, tw_problem_covariance(NULL, p, NULL, 1, false));
    tw_problem_free(p);
    /* A number that no residual depends on. */
    OK(tw_problem_new(&p));
    OK(tw_problem_add_parameters(p, NULL, 2, x, NULL));
    r.derivatives = false;
    OK(tw_problem_add_residuals(p, &r, blocks, 1));
    REFUSES_SAYING(TW_ERROR_NUMERIC, "do not determine", tw_problem_covariance(NULL, p, blocks, 1, true));
    tw_problem_free(p);
    tw_problem_free(NULL);
}

int main(void) {
    RUN(functions_that_fail);
    RUN(what_goes_wrong);
    return check_report();
}
