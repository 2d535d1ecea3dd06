################################################################################
#
# edgebench-lite
#
################################################################################

EDGEBENCH_LITE_VERSION = 3aee74f15c601177875cc56f2934c9fd9e10c556
# The one place of the public URL.
EDGEBENCH_LITE_URL = https://git.example.org/edgebench-lite
EDGEBENCH_LITE_SITE = $(EDGEBENCH_LITE_URL)/archive/$(EDGEBENCH_LITE_VERSION)
EDGEBENCH_LITE_LICENSE = MIT
EDGEBENCH_LITE_LICENSE_FILES = LICENSE

# What it takes itself is part of what it measures: built for size, as its
# Cargo.toml says, and not as the other packages are.
EDGEBENCH_LITE_CARGO_ENV = \
	CARGO_PROFILE_RELEASE_OPT_LEVEL=z \
	CARGO_PROFILE_RELEASE_LTO=fat \
	CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 \
	EDGEBENCH_COMMIT=$(shell printf %.7s $(EDGEBENCH_LITE_VERSION))

define EDGEBENCH_LITE_INSTALL_PAGES
	$(INSTALL) -D -m 0644 $(@D)/src/pages/edgebench-lite.1 \
		$(TARGET_DIR)/usr/share/man/man1/edgebench-lite.1
	$(INSTALL) -D -m 0644 $(@D)/src/pages/edgebench-lite.bash \
		$(TARGET_DIR)/usr/share/bash-completion/completions/edgebench-lite
	$(INSTALL) -D -m 0644 $(@D)/src/pages/edgebench-lite.zsh \
		$(TARGET_DIR)/usr/share/zsh/site-functions/_edgebench-lite
	$(INSTALL) -D -m 0644 $(@D)/src/pages/edgebench-lite.fish \
		$(TARGET_DIR)/usr/share/fish/vendor_completions.d/edgebench-lite.fish
endef
EDGEBENCH_LITE_POST_INSTALL_TARGET_HOOKS += EDGEBENCH_LITE_INSTALL_PAGES

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
