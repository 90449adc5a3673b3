// What the tests of the C++ headers share: expectations, and the groups that main runs.
#ifndef TALWEG_TEST_HPP
#define TALWEG_TEST_HPP

#include <talweg.hpp>

#include <cmath>
#include <iostream>

using namespace talweg;

inline int problems = 0;

inline void expect(bool condition, const char *text, const char *file, int line) {
    if (condition) return;
    ++problems;
    std::cout << file << ":" << line << ": not so: " << text << '\n';
}
#define EXPECT(condition) expect((condition), #condition, __FILE__, __LINE__)

inline bool near(double a, double b, double tolerance = 1e-12) { return std::fabs(a - b) <= tolerance; }

inline bool is(const Tensor &tensor, const std::vector<double> &values) { return tensor.to_vector() == values; }
inline bool near(const Tensor &tensor, const std::vector<double> &values, double tolerance = 1e-12) {
    const std::vector<double> have = tensor.to_vector();
    bool same = have.size() == values.size();
    for (size_t i = 0; same && i < have.size(); ++i) same = near(have[i], values[i], tolerance);
    return same;
}

template <typename Call> bool throws(tw_status status, Call call) {
    try {
        call();
    } catch (const Error &error) {
        return error.status() == status && error.what()[0] != 0;
    }
    return false;
}

/** Whether a call throws what is of no class of the library's. */
template <typename Exception, typename Call> bool throws_own(Call call) {
    try {
        call();
    } catch (const Exception &) {
        return true;
    }
    return false;
}

void test_arrays();
void test_matrices();
void test_calculus();
void test_regressions();
void test_designs();
void test_training();
void test_descents();
void test_blocks();
void test_layers();
void test_basics();
void test_sequences();

#endif
