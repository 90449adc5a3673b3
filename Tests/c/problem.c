/* Residual blocks from C: bundle adjustment and a pose graph by every solver, manifolds, bounds, losses, covariances
   and stops. */
#include "check.h"

static const double pi = 3.14159265358979323846;

/* A number in -1 ... 1 that looks random. */
static double noise(unsigned *state) {
    *state = *state * 1664525u + 1013904223u;
    return (double)(*state >> 8) / (double)(1u << 23) - 1;
}

/* ---- Bundle adjustment: 3 cameras (w, x, y, z, translation) see 7 points ---------------------------------------- */

enum { cameras = 3, points = 7 };

static const double true_points[points][3] = {{-1, -1, 5}, {1, -1, 6},    {1, 1, 5.5}, {-1, 1, 6.5},
                                              {0, 0, 4.8}, {0.5, -0.3, 7}, {-0.6, 0.4, 5.2}};
static const double true_cameras[cameras][7] = {
    {1, 0, 0, 0, 0, 0, 0}, {0.99500416527802577, 0, 0.099833416646828155, 0, -1, 0, 0.2},
    {0.99500416527802577, 0.099833416646828155, 0, 0, 0.1, -1, 0.1}};

static void project(const double *camera, const double *p, double *uv) {
    double w = camera[0], x = camera[1], y = camera[2], z = camera[3];
    double a = 2 * (y * p[2] - z * p[1]), b = 2 * (z * p[0] - x * p[2]), c = 2 * (x * p[1] - y * p[0]);
    double X = p[0] + w * a + y * c - z * b + camera[4], Y = p[1] + w * b + z * a - x * c + camera[5];
    double Z = p[2] + w * c + x * b - y * a + camera[6];
    uv[0] = X / Z;
    uv[1] = Y / Z;
}

static int reprojection(void *context, int64_t index, const double *const *x, double *r, double *const *jacobians) {
    const double (*seen)[2] = context;
    CHECK(jacobians == NULL);
    project(x[0], x[1], r);
    r[0] -= seen[index][0];
    r[1] -= seen[index][1];
    return 0;
}

static void observe(double (*seen)[2], int64_t (*blocks)[2]) {
    for (int i = 0; i < cameras; ++i)
        for (int j = 0; j < points; ++j) {
            project(true_cameras[i], true_points[j], seen[i * points + j]);
            blocks[i * points + j][0] = i;
            blocks[i * points + j][1] = cameras + j;
        }
}

static double distance_of(const double *a, const double *b) {
    return sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) + (a[2] - b[2]) * (a[2] - b[2]));
}

static void bundle(void) {
    double seen[cameras * points][2];
    int64_t blocks[cameras * points][2];
    observe(seen, blocks);
    for (int solver = TW_PROBLEM_SOLVER_AUTOMATIC; solver <= TW_PROBLEM_SOLVER_SPARSE_SCHUR; ++solver) {
        unsigned state = 7;
        double camera_values[cameras][7], point_values[points][3];
        memcpy(camera_values, true_cameras, sizeof camera_values);
        for (int i = 1; i < cameras; ++i)
            for (int c = 4; c < 7; ++c) camera_values[i][c] += 0.1 * noise(&state);
        for (int j = 0; j < points; ++j)
            for (int c = 0; c < 3; ++c) point_values[j][c] = true_points[j][c] + 0.2 * noise(&state);
        tw_problem *problem = NULL;
        OK(tw_problem_new(&problem));
        tw_parameter_blocks camera = TW_PARAMETER_BLOCKS_INIT, point = TW_PARAMETER_BLOCKS_INIT;
        camera.size = 7;
        camera.manifold = TW_MANIFOLD_QUATERNION_FIRST;
        point.size = 3;
        int64_t first = -1;
        OK(tw_problem_add_parameters(problem, &camera, cameras, camera_values[0], &first));
        CHECK(first == 0);
        OK(tw_problem_add_parameters(problem, &point, points, point_values[0], &first));
        CHECK(first == cameras);
        OK(tw_problem_set_constant(problem, 0, true));
        tw_residual_blocks r = TW_RESIDUAL_BLOCKS_INIT;
        r.residual_count = r.block_count = 2;
        r.function = reprojection;
        r.context = seen;
        OK(tw_problem_add_residuals(problem, &r, blocks[0], cameras * points));
        tw_problem_options o = TW_PROBLEM_OPTIONS_INIT;
        tw_problem_summary n = TW_PROBLEM_SUMMARY_INIT;
        o.solver = (tw_problem_solver)solver;
        OK(tw_problem_solve(problem, &o, &n));
        CHECK(n.final_cost < 1e-22 && n.initial_cost > 1e-4 && n.iterations < 40 && n.residual_count == 42);
        CHECK(n.unknown_count == 12 + 21 && n.kept_blocks + n.eliminated_blocks == 9);
        CHECK(solver == TW_PROBLEM_SOLVER_AUTOMATIC || n.solver == o.solver);
        CHECK(solver < TW_PROBLEM_SOLVER_DENSE_SCHUR || n.eliminated_blocks == points);
        /* With the first camera held, the truth but for a scale: all distances are in one ratio. */
        double p[points][3], ratio = 0;
        for (int j = 0; j < points; ++j) OK(tw_problem_get_parameters(problem, cameras + j, p[j], 3));
        for (int j = 1; j < points; ++j) {
            double now = distance_of(p[j], p[0]) / distance_of(true_points[j], true_points[0]);
            if (j > 1) NEAR(now, ratio, 1e-9);
            ratio = now;
        }
        double c[7];
        OK(tw_problem_get_parameters(problem, 1, c, 7));
        for (int k = 0; k < 4; ++k) NEAR(c[k], true_cameras[1][k], 1e-9);
        for (int k = 4; k < 7; ++k) NEAR(c[k], ratio * true_cameras[1][k], 1e-9);
        OK(tw_problem_get_parameters(problem, 0, c, 7));
        for (int k = 0; k < 7; ++k) CHECK(c[k] == true_cameras[0][k]);
        /* The scale is not determined. */
        int64_t one = 1;
        REFUSES_SAYING(TW_ERROR_NUMERIC, "do not determine", tw_problem_covariance(NULL, problem, &one, 1, false));
        char text[1024];
        size_t needed = 0;
        OK(tw_problem_report(problem, text, sizeof text, &needed));
        CHECK(needed == strlen(text) + 1 && strstr(text, "residuals    42") && strstr(text, "33 in"));
        tw_problem_free(problem);
    }
}

/* ---- A pose graph: x, y, angle around a circle, with odometry and loops ------------------------------------------ */

enum { poses = 100, loops = 25 };

/* The pose of b as seen from a, less what was measured; with derivatives. */
static int relative(void *context, int64_t index, const double *const *x, double *r, double *const *jacobians) {
    const double *measured = (const double *)context + 3 * index, *a = x[0], *b = x[1];
    double c = cos(a[2]), s = sin(a[2]), dx = b[0] - a[0], dy = b[1] - a[1], turn = b[2] - a[2] - measured[2];
    r[0] = c * dx + s * dy - measured[0];
    r[1] = c * dy - s * dx - measured[1];
    r[2] = turn - 2 * pi * floor((turn + pi) / (2 * pi));
    if (jacobians && jacobians[0]) {
        double j[] = {-c, -s, c * dy - s * dx, s, -c, -c * dx - s * dy, 0, 0, -1};
        memcpy(jacobians[0], j, sizeof j);
    }
    if (jacobians && jacobians[1]) {
        double j[] = {c, s, 0, -s, c, 0, 0, 0, 1};
        memcpy(jacobians[1], j, sizeof j);
    }
    return 0;
}

static tw_problem *pose_graph(double truth[poses][3], double (*measured)[3], bool derivatives, bool angles) {
    unsigned state = 3;
    int64_t blocks[poses + loops][2];
    int edges = 0;
    for (int i = 0; i < poses; ++i) {
        double angle = 4 * pi * i / poses;
        truth[i][0] = 10 * cos(angle);
        truth[i][1] = 10 * sin(angle);
        truth[i][2] = angle + pi / 2 - 2 * pi * floor((angle + 3 * pi / 2) / (2 * pi));
    }
    for (int i = 0; i + 1 < poses; ++i, ++edges) blocks[edges][0] = i, blocks[edges][1] = i + 1;
    for (int i = 0; i < loops; ++i, ++edges) blocks[edges][0] = 2 * i, blocks[edges][1] = 2 * i + poses / 2;
    for (int e = 0; e < edges; ++e) {
        const double zero[] = {0, 0, 0}, *both[] = {truth[blocks[e][0]], truth[blocks[e][1]]};
        relative((void *)(uintptr_t)zero, 0, both, measured[e], NULL);
        for (int c = 0; c < 3; ++c) measured[e][c] += 0.02 * noise(&state);
    }
    double start[poses][3];
    for (int i = 0; i < poses; ++i)
        for (int c = 0; c < 3; ++c) start[i][c] = truth[i][c] + (i == 0 ? 0 : 0.3 * noise(&state));
    tw_problem *problem = NULL;
    OK(tw_problem_new(&problem));
    tw_parameter_blocks pose = TW_PARAMETER_BLOCKS_INIT;
    pose.size = 3;
    pose.manifold = angles ? TW_MANIFOLD_ANGLE_LAST : TW_MANIFOLD_EUCLIDEAN;
    OK(tw_problem_add_parameters(problem, &pose, poses, start[0], NULL));
    OK(tw_problem_set_constant(problem, 0, true));
    tw_residual_blocks r = TW_RESIDUAL_BLOCKS_INIT;
    r.residual_count = 3;
    r.block_count = 2;
    r.function = relative;
    r.derivatives = derivatives;
    r.context = measured;
    OK(tw_problem_add_residuals(problem, &r, blocks[0], edges));
    return problem;
}

static void pose_graphs(void) {
    static double truth[poses][3], measured[poses + loops][3];
    double best = 0, found[2][poses][3];
    for (int kind = 0; kind < 12; ++kind) {
        /* Solvers, with and without derivatives; at last on one thread and on two. */
        tw_problem_options o = TW_PROBLEM_OPTIONS_INIT;
        tw_problem_summary n = TW_PROBLEM_SUMMARY_INIT;
        o.solver = (tw_problem_solver)(kind < 10 ? kind / 2 : 0);
        tw_problem *problem = pose_graph(truth, measured, kind >= 10 || kind % 2 == 0, kind != 3);
        int64_t threads = tw_num_threads();
        if (kind >= 10) OK(tw_set_num_threads(kind - 9));
        OK(tw_problem_solve(problem, &o, &n));
        OK(tw_set_num_threads(threads));
        if (kind == 0) best = n.final_cost;
        CHECK(n.initial_cost > 100 * n.final_cost && n.unknown_count == 3 * (poses - 1) && n.iterations < 30);
        NEAR(n.final_cost, best, 1e-9);
        CHECK(n.stop == TW_LEAST_SQUARES_COST || n.stop == TW_LEAST_SQUARES_STEP);
        if (kind == 0) {
            /* A chain that is closed fills in little. */
            CHECK(n.solver == TW_PROBLEM_SOLVER_SPARSE_CHOLESKY && n.factor_nonzeros < 9 * 6 * poses);
            double cost = 0;
            OK(tw_problem_cost(problem, &cost));
            CHECK(cost == n.final_cost);
        }
        for (int i = 0; i < poses; ++i) {
            double pose[3];
            OK(tw_problem_get_parameters(problem, i, pose, 3));
            if (kind != 3) CHECK(fabs(pose[2]) <= pi);
            double off = pose[2] - truth[i][2];
            CHECK(fabs(pose[0] - truth[i][0]) < 0.5 && fabs(off - 2 * pi * floor(off / (2 * pi) + 0.5)) < 0.1);
            if (kind >= 10) memcpy(found[kind - 10][i], pose, sizeof pose);
        }
        tw_problem_free(problem);
    }
    CHECK(memcmp(found[0], found[1], sizeof found[0]) == 0);
}

/* The same graph by tw_least_squares, which knows no blocks. */
static int all_relative(void *context, const double *x, double *r) {
    const double *measured = context;
    static const double origin[] = {10, 0, 1.57079632679489661923};
    int edge = 0;
    for (int i = 0; i < poses - 1 + loops; ++i, ++edge) {
        int a = i < poses - 1 ? i : 2 * (i - poses + 1), b = i < poses - 1 ? i + 1 : a + poses / 2;
        const double *both[] = {a == 0 ? origin : x + 3 * (a - 1), x + 3 * (b - 1)};
        relative((void *)(uintptr_t)measured, edge, both, r + 3 * edge, NULL);
    }
    return 0;
}

static void against_dense(void) {
    static double truth[poses][3], measured[poses + loops][3];
    tw_scope *s = tw_scope_new();
    tw_problem *problem = pose_graph(truth, measured, true, false);
    tw_problem_summary n = TW_PROBLEM_SUMMARY_INIT;
    OK(tw_problem_solve(problem, NULL, &n));
    tw_residuals r = TW_RESIDUALS_INIT;
    r.count = 3 * (poses - 1 + loops);
    r.function = all_relative;
    r.context = measured;
    tw_least_squares_result *fit = NULL;
    OK(tw_least_squares(&r, tw_tensor_from_data(s, truth[1], TW_FLOAT64, SIZES(3 * (poses - 1))), NULL, &fit));
    tw_least_squares_summary dense = TW_LEAST_SQUARES_SUMMARY_INIT;
    OK(tw_least_squares_result_summary(fit, &dense));
    NEAR(n.final_cost / dense.cost, 1, 1e-10);
    double expected[3 * (poses - 1)];
    OK(tw_tensor_to_double(tw_least_squares_result_parameters(s, fit), expected, 3 * (poses - 1)));
    for (int i = 1; i < poses; ++i) {
        double pose[3];
        OK(tw_problem_get_parameters(problem, i, pose, 3));
        for (int c = 0; c < 3; ++c) NEAR(pose[c], expected[3 * (i - 1) + c], 1e-8);
    }
    /* Covariances of two poses, and of the one that is held. */
    int64_t which[] = {60, 0, 7};
    double own[81], theirs[9 * (poses - 1) * (poses - 1)];
    OK(tw_tensor_to_double(tw_problem_covariance(s, problem, which, 3, false), own, 81));
    OK(tw_tensor_to_double(tw_least_squares_result_covariance(s, fit, false), theirs, 9 * (poses - 1) * (poses - 1)));
    for (int a = 0; a < 3; ++a)
        for (int b = 0; b < 3; ++b)
            for (int i = 0; i < 9; ++i) {
                int64_t row = 3 * (which[a] - 1) + i / 3, column = 3 * (which[b] - 1) + i % 3;
                double value = a == 1 || b == 1 ? 0 : theirs[row * 3 * (poses - 1) + column];
                NEAR(own[(3 * a + i / 3) * 9 + 3 * b + i % 3] / 1e-4, value / 1e-4, 1e-6);
            }
    tw_least_squares_result_free(fit);
    tw_problem_free(problem);
    tw_scope_free(s);
}

/* ---- Small ones ----------------------------------------------------------------------------------------------- */

/* x less a target of as many numbers. */
struct target { int size; double at[8]; };

static int apart(void *context, int64_t index, const double *const *x, double *r, double *const *jacobians) {
    const struct target *t = (const struct target *)context + index;
    for (int i = 0; i < t->size; ++i) r[i] = x[0][i] - t->at[i];
    if (jacobians && jacobians[0])
        for (int i = 0; i < t->size * t->size; ++i) jacobians[0][i] = i % (t->size + 1) == 0;
    return 0;
}

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

/* The values where a target's distance is least, from `start`, on a manifold. */
static void nearest(const tw_parameter_blocks *blocks, bool derivatives, const double *start, struct target target,
                    double tolerance, const double *expected) {
    tw_problem *problem = NULL;
    int64_t block = -1;
    double found[8];
    OK(tw_problem_new(&problem));
    OK(tw_problem_add_parameters(problem, blocks, 1, start, &block));
    tw_residual_blocks r = TW_RESIDUAL_BLOCKS_INIT;
    r.residual_count = target.size;
    r.function = apart;
    r.derivatives = derivatives;
    r.context = &target;
    OK(tw_problem_add_residuals(problem, &r, &block, 1));
    OK(tw_problem_solve(problem, NULL, NULL));
    OK(tw_problem_get_parameters(problem, block, found, 8));
    for (int i = 0; i < target.size; ++i) NEAR(found[i], expected[i], tolerance);
    tw_problem_free(problem);
}

static void manifolds(void) {
    for (int derivatives = 0; derivatives < 2; ++derivatives) {
        double tolerance = derivatives ? 1e-9 : 1e-7;
        tw_parameter_blocks b = TW_PARAMETER_BLOCKS_INIT;
        b.size = 3;
        b.manifold = TW_MANIFOLD_SPHERE;
        nearest(&b, derivatives, (double[]){0, 0, -2}, (struct target){3, {3, 0, -4}}, tolerance,
                (double[]){1.2, 0, -1.6});
        nearest(&b, derivatives, (double[]){0, 0, 1}, (struct target){3, {2, 4, 4}}, tolerance,
                (double[]){1.0 / 3, 2.0 / 3, 2.0 / 3});
        b.size = 4;
        b.manifold = TW_MANIFOLD_QUATERNION;
        nearest(&b, derivatives, (double[]){1, 0, 0, 0}, (struct target){4, {2, 2, -2, 2}}, tolerance,
                (double[]){0.5, 0.5, -0.5, 0.5});
        b.size = 2;
        b.manifold = TW_MANIFOLD_CUSTOM;
        b.tangent_size = 1;
        b.plus = circle_plus;
        b.plus_jacobian = circle_jacobian;
        nearest(&b, derivatives, (double[]){1, 0}, (struct target){2, {-3, 4}}, tolerance, (double[]){-0.6, 0.8});
        tw_parameter_blocks e = TW_PARAMETER_BLOCKS_INIT;
        e.size = 3;
        nearest(&e, derivatives, (double[]){9, 9, 9}, (struct target){3, {1, -2, 1e6}}, 1e-12,
                (double[]){1, -2, 1e6});
        /* Bounds, one of them fixing a number. */
        double lower[] = {-INFINITY, 5, 2}, upper[] = {2, INFINITY, 2};
        e.lower = lower;
        e.upper = upper;
        nearest(&e, derivatives, (double[]){0, 6, 2}, (struct target){3, {3, 4, 9}}, 1e-12, (double[]){2, 5, 2});
    }
}

/* Losses of blocks of one residual are those of tw_least_squares. */
static int spread(void *context, const double *x, double *r) {
    const double *y = context;
    for (int i = 0; i < 5; ++i) r[i] = x[0] - y[i];
    return 0;
}

static void losses(void) {
    tw_scope *s = tw_scope_new();
    double y[] = {1, 1.2, 0.7, 1.1, 6}, start = 1.5;
    struct target targets[5];
    int64_t blocks[5] = {0};
    for (int i = 0; i < 5; ++i) targets[i] = (struct target){1, {y[i]}};
    for (int loss = TW_RESIDUAL_LINEAR; loss <= TW_RESIDUAL_WELSCH; ++loss) {
        tw_problem *problem = NULL;
        double found = 0;
        OK(tw_problem_new(&problem));
        OK(tw_problem_add_parameters(problem, NULL, 1, &start, NULL));
        tw_residual_blocks r = TW_RESIDUAL_BLOCKS_INIT;
        r.function = apart;
        r.derivatives = true;
        r.context = targets;
        r.loss = (tw_residual_loss)loss;
        r.loss_scale = 0.5;
        OK(tw_problem_add_residuals(problem, &r, blocks, 5));
        tw_problem_summary n = TW_PROBLEM_SUMMARY_INIT;
        OK(tw_problem_solve(problem, NULL, &n));
        OK(tw_problem_get_parameters(problem, 0, &found, 1));
        tw_residuals whole = TW_RESIDUALS_INIT;
        tw_least_squares_options o = TW_LEAST_SQUARES_OPTIONS_INIT;
        whole.count = 5;
        whole.function = spread;
        whole.context = y;
        o.loss = r.loss;
        o.loss_scale = 0.5;
        tw_least_squares_result *fit = NULL;
        tw_least_squares_summary m = TW_LEAST_SQUARES_SUMMARY_INIT;
        OK(tw_least_squares(&whole, VECTOR(s, 1.5), &o, &fit));
        OK(tw_least_squares_result_summary(fit, &m));
        NEAR(n.final_cost, m.cost, 1e-10);
        VALUES(tw_least_squares_result_parameters(s, fit), 1e-7, found);
        tw_least_squares_result_free(fit);
        tw_problem_free(problem);
    }
    tw_scope_free(s);
}

/* ---- Stops --------------------------------------------------------------------------- */

static int after(void *context, const tw_least_squares_progress *progress) {
    CHECK(progress->parameter_count == 3 * poses && progress->evaluations > progress->iteration);
    return progress->iteration >= *(int *)context;
}

static void stops(void) {
    static double truth[poses][3], measured[poses + loops][3];
    tw_problem *problem = pose_graph(truth, measured, true, true);
    tw_problem_options o = TW_PROBLEM_OPTIONS_INIT;
    tw_problem_summary n = TW_PROBLEM_SUMMARY_INIT;
    int wanted = 2;
    o.callback = after;
    o.context = &wanted;
    OK(tw_problem_solve(problem, &o, &n));
    CHECK(n.stop == TW_LEAST_SQUARES_CALLBACK && n.iterations == 2 && n.final_cost < n.initial_cost);
    o.callback = NULL;
    o.max_iterations = 1;
    double before = n.final_cost;
    OK(tw_problem_solve(problem, &o, &n));
    /* It went on from what was reached. */
    CHECK(n.stop == TW_LEAST_SQUARES_ITERATIONS && n.iterations == 1 && n.initial_cost == before);
    o.max_iterations = 100;
    o.max_evaluations = 1;
    OK(tw_problem_solve(problem, &o, &n));
    CHECK(n.stop == TW_LEAST_SQUARES_EVALUATIONS && n.iterations == 0);
    o.max_evaluations = 0;
    o.max_seconds = 1e-9;
    OK(tw_problem_solve(problem, &o, &n));
    CHECK(n.stop == TW_LEAST_SQUARES_TIME);
    for (int i = 0; i < poses; ++i) OK(tw_problem_set_constant(problem, i, true));
    OK(tw_problem_solve(problem, NULL, &n));
    CHECK(n.stop == TW_LEAST_SQUARES_GRADIENT && n.unknown_count == 0 && n.final_cost == n.initial_cost);
    tw_problem_free(problem);
}

int main(void) {
    RUN(bundle);
    RUN(pose_graphs);
    RUN(against_dense);
    RUN(manifolds);
    RUN(losses);
    RUN(stops);
    return check_report();
}
