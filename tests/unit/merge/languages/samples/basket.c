/* What a customer is about to buy. */
#include <stdio.h>
#include <stdlib.h>
#include "basket.h"

#define LIMIT 10
#define MAX(a, b) ((a) > (b) ? (a) : (b))

struct basket {
	const char *name;
	int count, limit;
	void (*notify)(struct basket *basket, long sum);
};

typedef struct {
	int x;
	int y;
} point;

enum mode {
	MODE_PLAIN,
	MODE_GIFT = 4,
	MODE_SALE /* the last one */
};

static int discount(long sum, int percent);
static long total(struct basket *basket, const long *prices);

static const struct command commands[] = {
	{ "add", basket_add, 0 },
	{ "total", basket_total, LIMIT },
};

/* Makes one. */
struct basket *basket_new(const char *name, int count)
{
	struct basket *made = calloc(1, sizeof(*made));
	if (!made)
		return NULL;
	made->name = name;
	made->count = count;
	return made;
}

#ifdef HAVE_UNIX
static const char *home(void)
{
	return getenv("HOME");
}
#else
static const char *home(void)
{
	return "C:/Users";
}
#endif

static int discount(long sum, int percent)
{
	return (int)(sum * percent / 100);
}

static long total(struct basket *basket, const long *prices)
{
	long sum = 0, most = LIMIT;
	for (int i = 0; i < basket->count; i++) {
		sum += prices[i] * basket->limit; /* in cents */
	}
	switch (basket->mode) {
	case MODE_GIFT:
		sum = 0;
		break;
	case MODE_SALE:
		sum -= discount(sum, 10);
		/* fall through */
	default:
		log_it("plain", sum);
	}
	if (sum < 0) {
		sum = 0;
	} else if (sum > most) {
		sum = most;
	}
#ifdef TRACE
	fprintf(stderr, "total %ld\n", sum);
#endif
	return sum;
}

int main(int argc, char **argv)
{
	struct basket *basket = basket_new(argv[0], argc);
	struct basket other = { .name = "other", .count = 2 };
	printf("%ld\n", total(basket, NULL));
	return 0;
}
