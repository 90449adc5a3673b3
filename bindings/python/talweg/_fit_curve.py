"""A curve fitted to points, kept whole: predictions, intervals and bands beside the parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import _talweg
from ._curve_fit import Curve, fit_function, fit_named, named_curve
from ._nonlinear import UNBOUNDED, LeastSquaresResult

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

STEP = 6.055454452393343e-06
"""Of central differences: the cube root of the rounding."""


class CurveFit(LeastSquaresResult):
    """A fit of y = f(x, *parameters): the entries of a ``LeastSquaresResult``, and what the curve tells at any x.

    Attributes:
        popt: the parameters [p], as ``x``
        pcov: their covariance [p, p], as ``curve_fit`` gives it
        absolute_sigma: whether sigma was meant in absolute terms
    """

    model: Callable[..., Any]
    derivatives: Callable[..., Any] | str | None
    sigma: NDArray[np.float64] | None

    @property
    def popt(self) -> NDArray[np.float64]:
        """The parameters [p]."""
        found: NDArray[np.float64] = self.x
        return found

    @property
    def pcov(self) -> NDArray[np.float64]:
        """Their covariance [p, p]."""
        found: NDArray[np.float64] = self.unscaled_covariance * self._variance(self.absolute_sigma)
        return found

    def predict(self, x: ArrayLike) -> NDArray[np.float64]:
        """f(x) at the parameters of the fit."""
        import numpy as np

        return np.asarray(self.model(x, *self.x), dtype=np.float64)

    def conf_int(self, *, level: float = 0.95, absolute: bool | None = None) -> NDArray[np.float64]:
        """As ``LeastSquaresResult.conf_int``; ``absolute`` None: as absolute_sigma."""
        return super().conf_int(level=level, absolute=self.absolute_sigma if absolute is None else absolute)

    def profile_conf_int(self, *, level: float = 0.95, absolute: bool | None = None) -> NDArray[np.float64]:
        """As ``LeastSquaresResult.profile_conf_int``; ``absolute`` None: as absolute_sigma."""
        return super().profile_conf_int(level=level, absolute=self.absolute_sigma if absolute is None else absolute)

    def gradient(self, x: ArrayLike) -> NDArray[np.float64]:
        """df/dparameters [m, p] at x's m points: by the curve itself, ``jac``, or central differences."""
        import numpy as np

        if isinstance(self.model, Curve):
            return self.model.gradient(x, *self.x)
        if callable(self.derivatives):
            return np.asarray(self.derivatives(x, *self.x), dtype=np.float64)
        columns = []
        for j, value in enumerate(self.x):
            step = STEP * max(abs(value), 1.0 if value == 0 else 0.0)
            ahead, behind = self.x.copy(), self.x.copy()
            ahead[j], behind[j] = value + step, value - step
            difference = np.ravel(np.asarray(self.model(x, *ahead), dtype=np.float64))
            difference = difference - np.ravel(np.asarray(self.model(x, *behind), dtype=np.float64))
            columns.append(difference / (ahead[j] - behind[j]))
        return np.stack(columns, axis=1)

    def _band(self, x: ArrayLike, level: float, noise: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        import numpy as np

        middle = self.predict(x)
        gradient = self.gradient(x)
        variance = np.einsum("ij,ij->i", gradient @ self.pcov, gradient).clip(0).reshape(middle.shape) + noise
        half = self._critical(level, self.absolute_sigma) * np.sqrt(variance)
        return middle - half, middle + half

    def confidence_band(
        self, x: ArrayLike, *, level: float = 0.95
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(lower, upper) at x: intervals that hold the curve there, each with probability ``level``.

        By the delta method: f -+ c sqrt(g C g'), g the gradient at x, C the covariance of the parameters and c of
        Student's t with the degrees of freedom (with absolute_sigma, the normal distribution's).
        """
        return self._band(x, level, 0.0)

    def prediction_band(
        self, x: ArrayLike, *, level: float = 0.95, sigma: ArrayLike | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(lower, upper) at x: intervals that hold a new y there, each with probability ``level``.

        Args:
            sigma: standard deviations of the new y, in the unit of those of the fit; None: that of the fit, if it was
                one for all
        """
        import numpy as np

        if sigma is None:
            if self.sigma is not None and self.sigma.size != 1:
                raise ValueError("prediction_band: the fit had a sigma for each point; give those of the new ones")
            sigma = 1.0 if self.sigma is None else self.sigma.reshape(())
        return self._band(x, level, self._variance(self.absolute_sigma) * np.square(np.asarray(sigma, dtype=float)))


def fit_curve(
    f: Callable[..., Any] | str,
    xdata: ArrayLike,
    ydata: ArrayLike,
    p0: ArrayLike | None = None,
    sigma: ArrayLike | None = None,
    absolute_sigma: bool = False,
    check_finite: bool = True,
    bounds: tuple[ArrayLike, ArrayLike] = UNBOUNDED,
    method: str | None = None,
    jac: Callable[..., Any] | str | None = None,
    **kwargs: Any,
) -> CurveFit:
    """As ``curve_fit``, but gives the fit whole, whether it succeeded or not: a ``CurveFit``, which has the
    parameters' intervals, predictions, and confidence and prediction bands."""
    import numpy as np

    derivatives = jac
    s = None if sigma is None else np.asarray(sigma, dtype=np.float64)
    if isinstance(f, str):
        f = named_curve(f)
    if isinstance(f, Curve):
        if p0 is None:
            p0 = np.asarray(fit_named(f, xdata, ydata, None, None if s is None or s.ndim > 1 else s, bounds)[0][0])
        if jac is None:
            jac = f.gradient
    found = fit_function(f, xdata, ydata, p0, sigma, check_finite, bounds, method, jac, kwargs)
    fit = CurveFit(found, absolute_sigma=absolute_sigma)
    fit.model, fit.derivatives, fit.sigma, fit._refit = f, derivatives, s, found._refit
    return fit
