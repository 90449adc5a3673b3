// The C library's functions under names that no Swift overload hides.
#pragma once
#include <math.h>

static inline double tk_libm_exp(double x) { return exp(x); }
static inline double tk_libm_expm1(double x) { return expm1(x); }
static inline double tk_libm_log(double x) { return log(x); }
static inline double tk_libm_log1p(double x) { return log1p(x); }
static inline double tk_libm_log2(double x) { return log2(x); }
static inline double tk_libm_log10(double x) { return log10(x); }
static inline double tk_libm_sin(double x) { return sin(x); }
static inline double tk_libm_cos(double x) { return cos(x); }
static inline double tk_libm_tan(double x) { return tan(x); }
static inline double tk_libm_asin(double x) { return asin(x); }
static inline double tk_libm_acos(double x) { return acos(x); }
static inline double tk_libm_atan(double x) { return atan(x); }
static inline double tk_libm_sinh(double x) { return sinh(x); }
static inline double tk_libm_cosh(double x) { return cosh(x); }
static inline double tk_libm_tanh(double x) { return tanh(x); }
static inline double tk_libm_asinh(double x) { return asinh(x); }
static inline double tk_libm_acosh(double x) { return acosh(x); }
static inline double tk_libm_atanh(double x) { return atanh(x); }
static inline double tk_libm_erf(double x) { return erf(x); }
static inline double tk_libm_erfc(double x) { return erfc(x); }
static inline double tk_libm_pow(double x, double y) { return pow(x, y); }
static inline double tk_libm_atan2(double x, double y) { return atan2(x, y); }
static inline double tk_libm_hypot(double x, double y) { return hypot(x, y); }
