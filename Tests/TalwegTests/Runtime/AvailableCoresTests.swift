import Testing

@testable import Talweg

@Suite struct AvailableCoresTests {
    @Test(arguments: [
        ("max 100000\n", nil), ("200000 100000\n", 2), ("150000 100000", 2), ("50000 100000\n", 1), ("-1 100000", nil),
        ("", nil), ("100000", nil), ("0 100000", nil), ("a b", nil), ("100000 0", nil),
    ] as [(String, Int?)])
    func quotaInCores(text: String, cores: Int?) {
        #expect(AvailableCores.cores(text) == cores)
    }

    @Test func theLeastOfTheGroupAndThoseAroundItCounts() {
        let files = [
            "/proc/self/cgroup": "0::/outer/inner\n", "/sys/fs/cgroup/outer/inner/cpu.max": "max 100000\n",
            "/sys/fs/cgroup/outer/cpu.max": "300000 100000\n", "/sys/fs/cgroup/cpu.max": "900000 100000\n",
        ]
        #expect(AvailableCores.quota { files[$0] } == 3)
    }

    @Test func inAContainerTheTreeBeginsAtTheGroup() {
        let files = ["/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "150000 100000\n"]
        #expect(AvailableCores.quota { files[$0] } == 2)
    }

    @Test func versionOne() {
        let files = [
            "/proc/self/cgroup": "4:memory:/a\n3:cpu,cpuacct:/b\n0::/\n",
            "/sys/fs/cgroup/cpu/b/cpu.cfs_quota_us": "400000\n", "/sys/fs/cgroup/cpu/b/cpu.cfs_period_us": "100000\n",
        ]
        #expect(AvailableCores.quota { files[$0] } == 4)
    }

    @Test func noGroupsNoQuota() {
        #expect(AvailableCores.quota { _ in nil } == nil)
        #expect(AvailableCores.count >= 1)
    }
}
