/** Mock 6.7: modes, options, plugins, hooks and logs (mock(1), its plugin documentation), and what its configuration has. */
export const mockWords = wordsOf(`
  --rebuild --calculate-build-dependencies --hermetic-build mock-hermetic-repo --chain --localrepo -c --continue --recurse --buildsrpm
  --spec --sources --symlink-dereference --scm-enable --scm-option --shell --chroot --unpriv --cwd --enable-network --init --clean
  --install -i --installdeps --update --remove --pm-cmd --dnf-cmd --yum-cmd --scrub --scrub-all-chroots --copyin --copyout
  --snapshot --rollback-to --remove-snapshot -l --list-snapshots --mount --umount -p --print-root-path --orphanskill
  --list-chroots --debug-config --debug-config-expanded

  --lockfile --output-repo --client-cert-for --compatibility
  all chroot bootstrap cache root-cache c-cache yum-cache dnf-cache lvm

  -r --root --configdir --config-opts --uniqueext --rootdir --resultdir --arch --forcearch --target --tmp_prefix -a --addrepo
  --enablerepo --disablerepo --offline --additional-package -D --define --macro-file --with --without --nocheck
  --rpmbuild_timeout --rpmbuild-opts --short-circuit --postinstall --cache-alterations -n --no-clean --cleanup-after -N
  --no-cleanup-after --isolation --new-chroot --old-chroot --bootstrap-chroot --no-bootstrap-chroot --use-bootstrap-image
  --no-bootstrap-image --buildroot-image --dnf --yum --enable-plugin --disable-plugin --plugin-option -v --verbose -q --quiet
  --trace

  root_cache yum_cache bind_mount mount hw_info package_state selinux ccache tmpfs lvm_root overlayfs buildroot_lock
  export_buildroot_image chroot_scan compress_logs expand_spec pm_request procenv showrc rpkg_preprocessor rpmautospec sign
  system_monitor unbreq scm required_ram_mb max_fs_size keep_mounted regexes only_failed write_tar

  clean scrub mount_root preinit postinit initfailed preyum postyum postupdate earlyprebuild prebuild postdeps postbuild
  pre_srpm_build preshell postshell prechroot postchroot process_logs make_snapshot rollback_to remove_snapshot list_snapshots
  umount_root postumount postclean

  site-defaults.cfg chroot-aliases.cfg ~/.mock/user.cfg ~/.config/mock.cfg dnf5 dnf4 dnf yum microdnf use_buildroot_image
  buildroot_image_ready buildroot_image_keep_getting buildroot_image_pull_timeout buildroot_image_assert_digest
  buildroot_image_skip_pull buildroot_image_fallback include() use_bootstrap bootstrap_image bootstrap_image_ready bootstrap_image_keep_getting
  bootstrap_chroot_additional_packages run_in_bootstrap plugin_dir requires_api_version bootstrap_image_pull_timeout
  bootstrap_image_assert_digest bootstrap_image_skip_pull bootstrap_image_fallback buildroot_image
  package_manager package_manager_max_attempts package_manager_attempt_delay update_before_build dynamic_buildrequires_max_loops
  static_buildrequires_max_loops external_buildrequires module_enable nspawn_args rpmbuild_networking use_host_resolv
  no_root_shells seccomp basedir cache_topdir backup_on_clean exclude_from_homedir_cleanup extra_chroot_dirs chrootuid chrootuser
  chrootgroup use_host_shadow_utils copy_host_users nosync tar_binary opstimeout rpmbuild_timeout files macros environment
  more_buildreqs chroot_setup_cmd ssl_ca_bundle_path ssl_extra_certs http_proxy https_proxy legal_host_arches repo_arch_map
  oci_platform_map qemu_user_static_mapping forcearch root_log_fmt_name build_log_fmt_name state_log_fmt_name stderr_line_prefix
  print_main_output log_config_file hostname dev_loop_count redhat_subscription_required recursion_limit

  root.log build.log state.log installed_pkgs.log available_pkgs.log buildroot_lock.json mock-parse-buildlog
`);

/** sbuild 0.91: options and hooks (sbuild(1)), and its other programs. */
export const sbuildWords = wordsOf(`
  -h --help -V --version --add-depends --add-conflicts --add-depends-arch --add-conflicts-arch --add-depends-indep
  --add-conflicts-indep --arch --host --build -A --arch-all --no-arch-all --arch-any --no-arch-any -b --batch -c --chroot
  --chroot-mode -d --dist --archive -D --debug --apt-clean --no-apt-clean --apt-update --no-apt-update --apt-upgrade
  --no-apt-upgrade --apt-distupgrade --no-apt-distupgrade --apt-distclean -m --maintainer -e --uploader -k --keyid
  --source-only-changes --no-source-only-changes -j --jobs --debbuildopt --debbuildopts --dpkg-source-opt --dpkg-source-opts
  --dpkg-file-suffix --mail-log-to --mailfrom -n --nolog --profiles -p --purge --purge-build --purge-deps --purge-session -s
  --source --no-source --force-orig-source --use-snapshot -v --verbose -q --quiet --make-binNMU --binNMU --append-to-version
  --binNMU-timestamp --binNMU-changelog --build-dir --clean-source --no-clean-source --run-lintian --no-run-lintian --lintian-opt
  --lintian-opts --run-piuparts --no-run-piuparts --piuparts-opt --piuparts-opts --piuparts-root-arg --piuparts-root-args
  --run-autopkgtest --no-run-autopkgtest --autopkgtest-opt --autopkgtest-opts --autopkgtest-root-arg --autopkgtest-root-args
  --log-external-command-output --log-external-command-error --setup-hook --build-dep-resolver --aspcud-criteria
  --resolve-alternatives --no-resolve-alternatives --extra-package --extra-repository --extra-repository-key --build-path --dsc-dir
  --autopkgtest-virt-server --autopkgtest-virt-server-opt --autopkgtest-virt-server-opts --sbuild-mode --stats-dir
  --purge-extra-packages --bd-uninstallable-explainer --enable-network --hide-log-sections --log-filename-ts-format

  --pre-build-commands --chroot-setup-commands --chroot-update-failed-commands --build-deps-failed-commands
  --starting-build-commands --finished-build-commands --build-failed-commands --chroot-cleanup-commands --post-build-commands
  --post-build-failed-commands --anything-failed-commands %SBUILD_SHELL %SBUILD_CHROOT_EXEC %SBUILD_DSC %SBUILD_CHANGES %LOG_PATH

  sbuild unshare schroot autopkgtest sbuild-qemu sbuild-qemu-create sbuild-qemu-update sbuild-qemu-boot sbuild-createchroot
  sbuild-destroychroot sbuild-update sbuild-upgrade sbuild-distupgrade sbuild-apt sbuild-hold sbuild-unhold sbuild-checkpackages
  sbuild-shell sbuild-clean sbuild-abort sbuild-adduser buildd
`);

/** The variables of sbuild.conf(5), as sbuild 0.85 and 0.91 list them (Sbuild::Conf: each key's VARNAME). */
export const sbuildVariables = wordsOf(`
  append_to_version apt_allow_unauthenticated apt_cache apt_clean apt_distupgrade apt_get apt_keep_downloaded_packages
  apt_update apt_update_archive_only apt_upgrade aptitude archive aspcud_criteria autopkgtest autopkgtest_opts
  autopkgtest_require_success autopkgtest_root_args autopkgtest_virt_server autopkgtest_virt_server_options batch_mode
  bd_uninstallable_explainer bin_nmu bin_nmu_changelog bin_nmu_timestamp bin_nmu_version build_arch build_arch_all
  build_arch_any build_as_root_when_needed build_dep_resolver build_dir build_env_cmnd build_environment build_path
  build_profiles build_source build_user check_space chroot chroot_aliases chroot_mode chroot_setup_script chroot_split
  clean_apt_cache clean_source compress_build_log_mails core_depends crossbuild_core_depends debug distribution
  dpkg_buildpackage_user_options dpkg_file_suffix dpkg_source dpkg_source_opts dsc_dir enable_network environment_filter
  external_commands extra_packages extra_repositories extra_repository_keys fakeroot force_orig_source gcc_snapshot host_arch
  individual_stalled_pkg_timeout job_file key_id ld_library_path lintian lintian_opts lintian_require_success lock_interval
  log_colour log_dir log_external_command_error log_external_command_output log_filename_timestamp_format log_filter
  log_hidden_sections mailfrom mailprog mailto mailto_hash maintainer_name manual_conflicts manual_conflicts_arch
  manual_conflicts_indep manual_depends manual_depends_arch manual_depends_indep max_lock_trys md5sum mime_build_log_mails
  mmdebstrap nolog package_checklist path pgp_options piuparts piuparts_opts piuparts_require_success piuparts_root_args
  purge_build_deps purge_build_directory purge_extra_packages purge_session resolve_alternatives run_autopkgtest run_lintian
  run_piuparts sbuild_mode schroot schroot_options source_only_changes stalled_pkg_timeout stats_dir su sudo toolchain_regex
  unshare_bind_mounts unshare_mmdebstrap_auto_create unshare_mmdebstrap_distro_mangle unshare_mmdebstrap_env_cmd
  unshare_mmdebstrap_extra_args unshare_mmdebstrap_keep_tarball unshare_mmdebstrap_max_age unshare_tmpdir_template uploader_name
  verbose xapt
`);

/**
 * pbuilder 0.231 with cowbuilder and qemubuilder 0.91: commands and options (pbuilder(8), pdebuild(1), cowbuilder(8),
 * qemubuilder(8)), hooks by their letters, and pbuilderrc(5).
 */
export const pbuilderWords = wordsOf(`
  create update build clean login execute dumpconfig debuild pdebuild cowbuilder qemubuilder cow-shell cowdancer-ilistcreate
  cowdancer-ilistdump pbuilder-satisfydepends-apt pbuilder-satisfydepends-aptitude pbuilder-satisfydepends-classic
  pbuilder-satisfydepends-experimental pbuilder-satisfydepends-gdebi

  --basetgz --basepath --buildplace --buildresult --mirror --othermirror --distribution --architecture --host-arch --no-auto-cross
  --components --override-config --http-proxy --use-network --use-cgroup --aptcache --debdelta --configfile --hookdir --debbuildopts
  --profiles --logfile --pkgname-logfile --loglevel --binary-arch --binary-indep --source-only-changes --no-source-only-changes
  --bin-nmu --bin-nmu-maintainer --bin-nmu-version --bin-nmu-timestamp --bindmounts --debootstrap --debootstrapopts
  --allow-untrusted --keyring --save-after-login --save-after-exec --autocleanaptcache --aptconfdir --removepackages
  --extrapackages --debemail --timeout --no-targz --compressprog --twice --preserve-buildplace --debug --inputfile --outputfile --help
  --quiet --internal-chrootexec --internal-build-uml --scope --slice --description

  --auto-debsign --debsign-k --use-pdebuild-internal --buildsourceroot --pbuilderroot --pbuilder --pbuildersatisfydepends

  --no-cowdancer-update --debian-etch-workaround --smp --arch-diskdevice --nomountproc --nomountdev --nomountdevpts
  NO_COWDANCER_UPDATE DEBIAN_ETCH_WORKAROUND BASEPATH SMP MEMORY_MEGS KERNEL_IMAGE INITRD ARCH_DISKDEVICE

  A B C D E F G H I

  ADDITIONAL_BUILDRESULTS ALLOWUNTRUSTED APTCACHE APTCACHEHARDLINK APTCONFDIR APTGETOPT APTITUDEOPT APTKEYRINGS ARCHITECTURE
  AUTOCLEANAPTCACHE AUTO_DEBSIGN BASETGZ BINDMOUNTS BINNMU_MAINTAINER BUILDDIR BUILDPLACE BUILDRESULT BUILDRESULTGID BUILDRESULTUID
  BUILDSOURCEROOTCMD BUILDUSERID BUILDUSERNAME BUILD_HOME CCACHEDIR COMPONENTS COMPRESSPROG CONFDIR DEBBUILDOPTS DEBDELTA
  DEBIAN_BUILDARCH DEBIAN_FRONTEND DEBOOTSTRAP DEBOOTSTRAPOPTS DISTRIBUTION EATMYDATA EXTRAPACKAGES HOOKDIR LOGLEVEL MIRRORSITE
  OTHERMIRROR PATH PBUILDERROOTCMD PBUILDERSATISFYDEPENDSCMD PBUILDERSATISFYDEPENDSOPT PDEBUILD_PBUILDER PKGNAME_LOGFILE
  PKGNAME_LOGFILE_EXTENSION REMOVEPACKAGES SHELL SOURCE_ONLY_CHANGES TIMEOUT_TIME USECGROUP USECOLORS USEDEVFS USEDEVPTS USENETWORK
  USEPROC USESHM USESYSFS USE_PDEBUILD_INTERNAL http_proxy
`);

function wordsOf(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
