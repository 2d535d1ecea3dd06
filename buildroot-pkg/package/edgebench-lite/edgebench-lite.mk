################################################################################
#
# edgebench-lite
#
################################################################################

EDGEBENCH_LITE_VERSION = 52af1839ddff7b6790305437e774677828a74fd5
# Cargo.toml's `repository`. By git, because each forge names its archives differently.
EDGEBENCH_LITE_SITE = https://git.example.org/edgebench/edgebench-lite
EDGEBENCH_LITE_SITE_METHOD = git
EDGEBENCH_LITE_LICENSE = MIT, BSD-3-Clause (argh), MIT or Apache-2.0 (other crates and std), Unicode-3.0 (tables in std)
EDGEBENCH_LITE_LICENSE_FILES = LICENSE src/THIRD-PARTY-NOTICES

# Buildroot strips what it installs, or does not, as its options say. The commit is what
# --version tells; of a checkout none is known.
EDGEBENCH_LITE_CARGO_ENV = \
	CARGO_PROFILE_RELEASE_STRIP=none \
	EDGEBENCH_COMMIT=$(if $(EDGEBENCH_LITE_OVERRIDE_SRCDIR),,52af183)

# Not the manual page, nor completions without their shell: Buildroot removes those at
# the end.
ifeq ($(BR2_PACKAGE_BASH_COMPLETION),y)
define EDGEBENCH_LITE_INSTALL_BASH_COMPLETION
	$(INSTALL) -D -m 0644 $(@D)/src/pages/edgebench-lite.bash \
		$(TARGET_DIR)/usr/share/bash-completion/completions/edgebench-lite
endef
EDGEBENCH_LITE_POST_INSTALL_TARGET_HOOKS += EDGEBENCH_LITE_INSTALL_BASH_COMPLETION
endif

ifeq ($(BR2_PACKAGE_ZSH),y)
define EDGEBENCH_LITE_INSTALL_ZSH_COMPLETION
	$(INSTALL) -D -m 0644 $(@D)/src/pages/edgebench-lite.zsh \
		$(TARGET_DIR)/usr/share/zsh/site-functions/_edgebench-lite
endef
EDGEBENCH_LITE_POST_INSTALL_TARGET_HOOKS += EDGEBENCH_LITE_INSTALL_ZSH_COMPLETION
endif

define EDGEBENCH_LITE_INSTALL_DEFAULT
	$(INSTALL) -D -m 0644 $(@D)/src/at-boot/edgebench-lite.default \
		$(TARGET_DIR)/etc/default/edgebench-lite
endef

define EDGEBENCH_LITE_INSTALL_INIT_SYSV
	$(EDGEBENCH_LITE_INSTALL_DEFAULT)
	$(INSTALL) -D -m 0755 $(@D)/src/at-boot/edgebench-lite.init \
		$(TARGET_DIR)/etc/init.d/S99edgebench-lite
	$(EDGEBENCH_LITE_RECORD_AT_BOOT_SYSV)
endef

define EDGEBENCH_LITE_INSTALL_INIT_SYSTEMD
	$(EDGEBENCH_LITE_INSTALL_DEFAULT)
	$(INSTALL) -D -m 0644 $(@D)/src/at-boot/edgebench-lite.service \
		$(TARGET_DIR)/usr/lib/systemd/system/edgebench-lite.service
	$(INSTALL) -D -m 0644 $(@D)/src/at-boot/edgebench-lite.timer \
		$(TARGET_DIR)/usr/lib/systemd/system/edgebench-lite.timer
	$(INSTALL) -D -m 0644 $(@D)/src/at-boot/edgebench-lite-boot.service \
		$(TARGET_DIR)/usr/lib/systemd/system/edgebench-lite-boot.service
	$(INSTALL) -D -m 0644 $(@D)/src/at-boot/edgebench-lite-restart.service \
		$(TARGET_DIR)/usr/lib/systemd/system/edgebench-lite-restart.service
	$(INSTALL) -D -m 0644 $(@D)/src/at-boot/edgebench-lite-peer.service \
		$(TARGET_DIR)/usr/lib/systemd/system/edgebench-lite-peer.service
	$(INSTALL) -D -m 0644 $(@D)/src/at-boot/edgebench-lite-bench.service \
		$(TARGET_DIR)/usr/lib/systemd/system/edgebench-lite-bench.service
	$(INSTALL) -D -m 0644 $(EDGEBENCH_LITE_PKGDIR)/50-edgebench-lite.preset \
		$(TARGET_DIR)/usr/lib/systemd/system-preset/50-edgebench-lite.preset
	$(EDGEBENCH_LITE_RECORD_AT_BOOT_SYSTEMD)
endef

ifeq ($(BR2_PACKAGE_EDGEBENCH_LITE_AT_BOOT),y)
define EDGEBENCH_LITE_RECORD_AT_BOOT_SYSV
	$(SED) 's/^RECORD_AT_BOOT=.*/RECORD_AT_BOOT=yes/' \
		$(TARGET_DIR)/etc/default/edgebench-lite
endef
define EDGEBENCH_LITE_RECORD_AT_BOOT_SYSTEMD
	$(SED) 's/^disable \(edgebench-lite.service\)$$/enable \1/' \
		$(TARGET_DIR)/usr/lib/systemd/system-preset/50-edgebench-lite.preset
endef
endif

$(eval $(cargo-package))
