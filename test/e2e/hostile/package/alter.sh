#!/bin/bash
# As root of a test's container: alters what is tested, and plants what others could meet in the image of it.
for path in /build/check/*.deb; do
	echo evil >> "$path" && echo "altered $path"
done
for directory in /etc /usr/local/bin /usr/share /var/lib /root; do
	touch "$directory/planted"
done
printf '#!/bin/sh\necho GOT compiler\n' > /usr/local/bin/cc && chmod 755 /usr/local/bin/cc
dpkg --purge hostile > /dev/null
