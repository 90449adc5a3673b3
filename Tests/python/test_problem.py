"""talweg.Problem: against scipy.optimize.least_squares on bundle adjustment and a pose graph, manifolds, bad input."""

import numpy as np
import pytest

import talweg as tw

optimize = pytest.importorskip("scipy.optimize")
sparse = pytest.importorskip("scipy.sparse")

RNG = np.random.default_rng(21)


def rotate(w, p):
    """Rodrigues' formula, of rows."""
    angle = np.linalg.norm(w, axis=-1, keepdims=True)
    safe = np.where(angle == 0, 1, angle)
    k = w / safe
    c, s = np.cos(angle), np.sin(angle)
    return p * c + np.cross(k, p) * s + k * np.sum(k * p, axis=-1, keepdims=True) * (1 - c)


def project(cameras, points, seen):
    p = rotate(cameras[..., :3], points) + cameras[..., 3:6]
    return p[..., :2] / p[..., 2:] - seen


class Bundle:
    """Cameras (rotation vector, translation) that see points, all of them, with noise; the first camera is held."""

    def __init__(self, cameras=4, points=15):
        self.cameras = np.concatenate(
            [0.1 * RNG.normal(size=(cameras, 3)), 0.5 * RNG.normal(size=(cameras, 3))], axis=1
        )
        self.cameras[0] = 0
        self.points = RNG.uniform(-1, 1, size=(points, 3)) + [0, 0, 5]
        self.i, self.j = (a.ravel() for a in np.meshgrid(np.arange(cameras), np.arange(points), indexing="ij"))
        exact = project(self.cameras[self.i], self.points[self.j], 0)
        self.seen = exact + 1e-3 * RNG.normal(size=exact.shape)
        self.camera_start = self.cameras + 0.02 * RNG.normal(size=self.cameras.shape)
        self.camera_start[0] = 0
        # The scale, which no picture tells, is held by a distance.
        self.point_start = self.points + 0.05 * RNG.normal(size=self.points.shape)
        self.apart = np.linalg.norm(self.points[0] - self.points[1])

    def scale(self, a, b):
        return np.atleast_1d(np.linalg.norm(a - b) - self.apart)

    def all(self, x):
        cameras = np.concatenate([np.zeros((1, 6)), x[: 6 * (len(self.cameras) - 1)].reshape(-1, 6)])
        points = x[6 * (len(self.cameras) - 1) :].reshape(-1, 3)
        r = project(cameras[self.i], points[self.j], self.seen)
        return np.append(r.ravel(), self.scale(points[0], points[1]))

    def pattern(self):
        n = len(self.i)
        size = 6 * (len(self.cameras) - 1) + 3 * len(self.points)
        pattern = sparse.lil_matrix((2 * n + 1, size), dtype=int)
        for k, (i, j) in enumerate(zip(self.i, self.j, strict=True)):
            if i > 0:
                pattern[2 * k : 2 * k + 2, 6 * (i - 1) : 6 * i] = 1
            at = 6 * (len(self.cameras) - 1) + 3 * j
            pattern[2 * k : 2 * k + 2, at : at + 3] = 1
        at = 6 * (len(self.cameras) - 1)
        pattern[2 * n, at : at + 6] = 1
        return pattern.tocsr()

    def problem(self, **kwargs):
        problem = tw.Problem()
        cameras = problem.add_parameter_block(self.camera_start)
        points = problem.add_parameter_block(self.point_start)
        problem.set_constant(cameras[0])
        problem.add_residual_block(project, cameras[self.i], points[self.j], data=(self.seen,), **kwargs)
        problem.add_residual_block(self.scale, points[0], points[1])
        return problem, cameras, points

    def start(self):
        return np.concatenate([self.camera_start[1:].ravel(), self.point_start.ravel()])


def numeric(function, x, *data):
    """Derivatives by complex-free central differences of a batch function by its first arguments."""
    out = []
    for k, block in enumerate(x):
        columns = []
        for c in range(block.shape[1]):
            h = np.zeros(block.shape[1])
            h[c] = 1e-6
            ahead, behind = list(x), list(x)
            ahead[k], behind[k] = block + h, block - h
            columns.append((function(*ahead, *data) - function(*behind, *data)) / 2e-6)
        out.append(np.stack(columns, axis=2))
    return out


@pytest.fixture(scope="module")
def bundle():
    b = Bundle()
    theirs = optimize.least_squares(b.all, b.start(), xtol=1e-15, ftol=1e-15, gtol=1e-15, jac="3-point")
    return b, theirs


@pytest.mark.parametrize("solver", ["automatic", "dense_cholesky", "sparse_cholesky", "dense_schur", "sparse_schur"])
def test_bundle_is_scipys(bundle, solver):
    b, theirs = bundle
    problem, cameras, points = b.problem()
    result = problem.solve(solver=solver)
    assert result.success and np.isclose(result.cost, theirs.cost, rtol=1e-10)
    assert result.residuals == len(theirs.fun) and result.unknowns == len(theirs.x)
    x = np.concatenate([problem.parameters(cameras[1:]).ravel(), problem.parameters(points).ravel()])
    assert np.allclose(x, theirs.x, rtol=1e-8, atol=1e-8)
    assert np.allclose(problem.residuals(), theirs.fun, atol=1e-8) and np.isclose(problem.cost(), result.cost)
    assert (problem.parameters(cameras[0]) == 0).all()
    if solver.endswith("schur"):
        assert result.eliminated_blocks >= len(points) - 1 and result.kept_blocks <= 4


def test_derivatives_and_covariance(bundle):
    b, theirs = bundle
    problem, cameras, points = b.problem(jac=lambda c, p, seen: numeric(project, [c, p], seen))
    result = problem.solve()
    assert np.isclose(result.cost, theirs.cost, rtol=1e-10)
    j = theirs.jac
    covariance = np.linalg.inv(j.T @ j)
    freedom = j.shape[0] - j.shape[1]
    n = len(b.cameras) - 1
    picked = [*range(6, 12), *range(6 * n + 9, 6 * n + 12)]
    found = problem.covariance([cameras[2], points[3]], absolute=True)
    assert np.allclose(found, covariance[np.ix_(picked, picked)], rtol=1e-4, atol=1e-5 * np.abs(found).max())
    scaled = problem.covariance([cameras[2], points[3]])
    assert np.allclose(scaled, found * 2 * result.cost / freedom)


def test_scipys_sparse_solver_finds_nothing_better():
    b = Bundle(cameras=5, points=60)
    problem, cameras, points = b.problem()
    result = problem.solve(solver="dense_schur")
    assert result.success and result.eliminated_blocks >= 59
    x = np.concatenate([problem.parameters(cameras[1:]).ravel(), problem.parameters(points).ravel()])
    theirs = optimize.least_squares(b.all, x, jac_sparsity=b.pattern(), x_scale="jac", max_nfev=10)
    assert np.isclose(theirs.cost, result.cost, rtol=1e-10) and np.allclose(theirs.x, x, rtol=1e-6, atol=1e-6)


def between(a, b, measured):
    c, s = np.cos(a[..., 2]), np.sin(a[..., 2])
    d = b - a
    turn = d[..., 2] - measured[..., 2]
    return np.stack(
        [
            c * d[..., 0] + s * d[..., 1] - measured[..., 0],
            c * d[..., 1] - s * d[..., 0] - measured[..., 1],
            (turn + np.pi) % (2 * np.pi) - np.pi,
        ],
        axis=-1,
    )


@pytest.mark.parametrize("loss", ["linear", "huber", "cauchy"])
def test_pose_graph(loss):
    n = 120
    angle = np.linspace(0, 6 * np.pi, n)
    truth = np.stack([5 * np.cos(angle), 5 * np.sin(angle), angle + np.pi / 2], axis=1)
    a = np.concatenate([np.arange(n - 1), np.arange(0, n - 40, 3)])
    b = np.concatenate([np.arange(1, n), np.arange(0, n - 40, 3) + 40])
    measured = between(truth[a], truth[b], np.zeros(3)) + 0.02 * RNG.normal(size=(len(a), 3))
    start = truth + 0.1 * RNG.normal(size=truth.shape)
    start[0] = truth[0]
    problem = tw.Problem()
    poses = problem.add_parameter_block(start, manifold="angle_last")
    problem.set_constant(0)
    # One by one, as scalars of a loss each: a block's loss is of its length.
    problem.add_residual_block(between, poses[a], poses[b], data=(measured,), loss=loss, f_scale=0.05)
    result = problem.solve()
    assert result.success and result.solver == "sparse_cholesky" and result.cost < result.initial_cost / 5

    def lengths(x):
        p = np.concatenate([truth[:1], x.reshape(-1, 3)])
        return between(p[a], p[b], measured)

    if loss == "linear":
        theirs = optimize.least_squares(lambda x: lengths(x).ravel(), start[1:].ravel(), xtol=1e-15, ftol=1e-15)
        assert np.isclose(result.cost, theirs.cost, rtol=1e-9)
        ours = problem.parameters(poses)
        assert np.allclose(ours[1:, :2], theirs.x.reshape(-1, 3)[:, :2], atol=1e-6)
        assert (np.abs(ours[:, 2]) <= np.pi).all()
        return
    # SciPy's losses of the blocks' lengths: the same cost, and no better place nearby.
    best = problem.parameters(poses)[1:].ravel()
    rho = {"huber": lambda z: np.where(z <= 1, z, 2 * np.sqrt(z) - 1), "cauchy": np.log1p}[loss]

    def cost(x):
        return 0.5 * 0.05**2 * rho(np.sum(lengths(x) ** 2, axis=1) / 0.05**2).sum()

    assert np.isclose(cost(best), result.cost, rtol=1e-12)
    gradient = optimize.approx_fprime(best, cost, 1e-7)
    assert np.abs(gradient).max() < 1e-5


def test_manifolds():
    target = RNG.normal(size=(5, 4))
    for manifold in ["sphere", "quaternion"]:
        problem = tw.Problem()
        blocks = problem.add_parameter_block(np.tile([1.0, 0, 0, 0], (5, 1)), manifold=manifold)
        problem.add_residual_block(lambda x, t: x - t, blocks, data=(target,))
        problem.solve()
        found = problem.parameters(blocks)
        assert np.allclose(found, target / np.linalg.norm(target, axis=1, keepdims=True), atol=1e-7)
    circle = tw.Manifold(
        1,
        lambda x, d: [x[0] * np.cos(d[0]) - x[1] * np.sin(d[0]), x[0] * np.sin(d[0]) + x[1] * np.cos(d[0])],
        lambda x: [-x[1], x[0]],
    )
    problem = tw.Problem()
    block = problem.add_parameter_block([1.0, 0], manifold=circle)
    problem.add_residual_block(lambda x: x - [3, 4], block, jac=lambda x: [np.eye(2)])
    problem.solve()
    assert np.allclose(problem.parameters(block), [0.6, 0.8], atol=1e-9)
    # The covariance of a point on the circle lies along it: (J' J)^-1 = 1 in the tangent (-0.8, 0.6).
    along = np.array([-0.8, 0.6])
    assert np.allclose(problem.covariance(block, absolute=True), np.outer(along, along), atol=1e-6)


def test_callback_limits_and_bounds():
    problem, cameras, points = Bundle().problem()
    before = problem.parameters(points)
    seen = []
    result = problem.solve(callback=lambda p: seen.append(p) or len(seen) == 2)
    assert result.status == -2 and result.nit == 2 and len(seen[0].x) == 4 * 6 + 15 * 3
    assert seen[1].cost < seen[0].cost and not np.array_equal(problem.parameters(points), before)
    assert problem.solve(max_nit=1).status == 0 and problem.solve(max_nfev=1).status == 0
    assert "Schur complement" in problem.solve(solver="dense_schur").report
    bounded = tw.Problem()
    x = bounded.add_parameter_block([0.0, 6, 2], lower=[-np.inf, 5, 2], upper=[2, np.inf, 2])
    bounded.add_residual_block(lambda x: x - [3, 4, 9], x)
    bounded.solve()
    assert list(bounded.parameters(x)) == [2, 5, 2]


def test_what_goes_wrong():
    problem = tw.Problem()
    with pytest.raises(tw.TalwegError, match="no residual blocks"):
        problem.solve()
    with pytest.raises(ValueError, match="shape"):
        problem.add_parameter_block(np.zeros((2, 2, 2)))
    with pytest.raises(ValueError, match="none of"):
        problem.add_parameter_block([1.0], manifold="torus")
    with pytest.raises(tw.TalwegError, match="parameter 1 of block 0 is nan"):
        problem.add_parameter_block([1.0, np.nan])
    with pytest.raises(ValueError, match="below its bound"):
        problem.add_parameter_block([1.0], lower=2)
    with pytest.raises(ValueError, match="length"):
        problem.add_parameter_block([1.0, 1, 0, 0], manifold="quaternion")
    x = problem.add_parameter_block([1.0, 2])
    y = problem.add_parameter_block([3.0])
    assert len(problem) == 2
    with pytest.raises(IndexError, match="parameter block 2; there are 2"):
        problem.add_residual_block(lambda a: a, 2)
    with pytest.raises(ValueError, match="twice"):
        problem.add_residual_block(lambda a, b: a - b, x, x)
    with pytest.raises(ValueError, match="as many numbers"):
        problem.add_residual_block(lambda a, b: a, [0, 1], [0])
    with pytest.raises(ValueError, match="has 1 numbers, that of block 0 2"):
        problem.add_residual_block(lambda a: a, [0, 1])
    with pytest.raises(ValueError, match="no residuals"):
        problem.add_residual_block(lambda a: [], x)
    with pytest.raises(ValueError, match="rows for 1 blocks"):
        problem.add_residual_block(lambda a, d: a, [0], data=([1, 2],))
    with pytest.raises(ZeroDivisionError):
        problem.add_residual_block(lambda a: 1 / 0, x)
    with pytest.raises(IndexError):
        problem.parameters(5)
    with pytest.raises(ValueError, match="1 were given"):
        problem.set_parameters(x, [1.0])

    def alone(function, **kwargs):
        p = tw.Problem()
        p.add_residual_block(function, p.add_parameter_block([1.0, 2]), **kwargs)
        return p

    calls = []

    def grows(a):
        calls.append(1)
        return np.ones(len(calls)) * a[0]

    with pytest.raises(ValueError, match="gave 2 residuals of 1 blocks, at first 1"):
        alone(grows).solve()
    with pytest.raises(tw.TalwegError, match="residual 1 of block 0 is nan at the start"):
        alone(lambda a: [a[0], np.nan]).solve()
    for jac, text in [
        (lambda a: [np.ones(3)], r"jac gave shape \(3,\) for parameter block 0; \(2, 2\) is needed"),
        (lambda a: [], "jac gave 0 arrays"),
    ]:
        with pytest.raises(ValueError, match=text):
            alone(lambda a: a, jac=jac).solve()
    with pytest.raises(tw.TalwegError, match="Jacobian of residual 1 of block 0 by its parameter block 0"):
        alone(lambda a: a, jac=lambda a: [[[1, 0], [0, np.nan]]]).solve()
    fails = alone(lambda a: a if len(calls) < 5 else 1 / 0)
    calls[:] = [1] * 9
    with pytest.raises(ZeroDivisionError):
        fails.solve()
    assert list(fails.parameters(0)) == [1, 2]
    constant = alone(lambda a: a)
    constant.set_constant(0)
    result = constant.solve()
    assert result.success and result.unknowns == 0 and result.cost == 2.5
    undetermined = alone(lambda a: a[:1])
    with pytest.raises(tw.TalwegError, match="do not determine"):
        undetermined.covariance([0])


def test_functions_are_released():
    import gc
    import weakref

    class Function:
        def __call__(self, x):
            return x - 1

    problem, function = tw.Problem(), Function()
    function.problem = problem
    problem.add_residual_block(function, problem.add_parameter_block([3.0]))
    problem.solve()
    gone = weakref.ref(function)
    before = tw.live_handles()
    del problem, function
    gc.collect()
    assert gone() is None and tw.live_handles() < before
