# Deploys the image whose container this runs in to a disk, as `bootc install` would, with ostree alone: bootc's import
# moves /etc to /usr/etc, empties what is the host's, and takes nothing of /var. Leaves disk, kernel, initramfs and the
# kernel's arguments in /output. A unit is added that says on the second serial port, where neither the kernel nor a getty
# cuts in, how the booted system is, and powers it off; from its second line on, for systemd writes to a terminal that it opens.
set -eu
output=/output
work=/output/work
mkdir -p "$work/tree"

tar --create --directory=/ --one-file-system --numeric-owner --file=- \
  --exclude=./dev --exclude=./proc --exclude=./sys --exclude=./run --exclude=./tmp --exclude=./var --exclude=./output . |
  tar --extract --directory="$work/tree" --preserve-permissions --numeric-owner --file=-
cd "$work/tree"
mkdir -p dev proc run sys tmp var
# Engines put files of their own here in place of the image's.
rm -f etc/hostname etc/hosts etc/resolv.conf
[ -e usr/lib/systemd/system/systemd-resolved.service ] && ln -s ../run/systemd/resolve/stub-resolv.conf etc/resolv.conf
printf '127.0.0.1 localhost\n' >etc/hosts
mv etc usr/etc
cat >usr/lib/systemd/system/debkiln-report.service <<'UNIT'
[Unit]
Description=Report on the second serial port
After=multi-user.target ssh.service cloud-final.service
[Service]
Type=oneshot
StandardOutput=tty
TTYPath=/dev/ttyS1
ExecStart=/bin/sh -c 'echo; findmnt --noheadings --output TARGET,FSTYPE,OPTIONS / | sed "s/^/root /"; touch /usr/x 2>/dev/null && echo usr writable || echo usr read-only; touch /etc/x && echo etc writable; echo packages $(dpkg-query --show | wc -l); systemctl --failed --no-legend --plain --no-pager | sed "s/^/failed /"; echo end; systemctl poweroff --no-block'
UNIT
mkdir -p usr/lib/systemd/system/multi-user.target.wants
ln -s ../debkiln-report.service usr/lib/systemd/system/multi-user.target.wants/

cd "$work"
version=$(ls tree/usr/lib/modules)
export OSTREE_SYSROOT_DEBUG=mutable-deployments
mkdir sysroot
ostree admin init-fs --modern "$work/sysroot"
ostree config --repo="$work/sysroot/ostree/repo" set sysroot.bootloader none
ostree admin stateroot-init debian --sysroot="$work/sysroot"
ostree --repo="$work/sysroot/ostree/repo" commit --branch=image --tree=dir="$work/tree" --no-xattrs --bootable --timestamp=@0
ostree admin deploy --sysroot="$work/sysroot" --stateroot=debian \
  --karg=root=/dev/vda --karg=rw --karg=console=ttyS0 --karg=systemd.show_status=1 --karg=panic=-1 \
  --karg=mitigations=off --karg=nokaslr image
size=$(($(du --summarize --block-size=M sysroot | cut -dM -f1) * 5 / 4 + 300))
mke2fs -q -t ext4 -O verity -d "$work/sysroot" -L root "$output/disk.img" "${size}M"
cp "tree/usr/lib/modules/$version/vmlinuz" "tree/usr/lib/modules/$version/initramfs.img" "$output"
sed -n 's/^options //p' sysroot/boot/loader/entries/*.conf >"$output/options"
chattr -i -R "$work/sysroot" 2>/dev/null || :
rm -rf "$work"
